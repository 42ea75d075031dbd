// Runs before the page, in its sandbox: asks the main process for a MessagePort and hands it to the page, `window` event 'message' with data
// 'arche:port'. A new port may come at any time (the engine moved to another process) and replaces the older one.
// Also tells the page the paths of files and folders that a person drops on it (`{ dropped }`), which the page cannot know.
// Guarantees: the page gets nothing else. No object of Electron or Node is exposed, not even through contextBridge.
import { ipcRenderer, webUtils } from 'electron'

ipcRenderer.on('arche:port', (event) => {
  window.postMessage('arche:port', window.location.origin, event.ports)
})

// Files that a script of the page has made up have no path.
window.addEventListener('drop', ({ dataTransfer }) => {
  const dropped = [...(dataTransfer?.files ?? [])]
    .map((file) => webUtils.getPathForFile(file))
    .filter((path) => path !== '')
  if (dropped.length > 0) window.postMessage({ dropped }, window.location.origin)
})

// By then the page's own script has run and listens.
window.addEventListener('DOMContentLoaded', () => ipcRenderer.send('arche:ready'))

// Runs before the page, in its sandbox: asks the main process for a MessagePort and hands it to the page, `window` event 'message' with data
// 'arche:port'. A new port may come at any time (the engine moved to another process) and replaces the older one.
// Guarantees: the page gets nothing else. No object of Electron or Node is exposed, not even through contextBridge.
import { ipcRenderer } from 'electron'

ipcRenderer.on('arche:port', (event) => {
  window.postMessage('arche:port', window.location.origin, event.ports)
})

// By then the page's own script has run and listens.
window.addEventListener('DOMContentLoaded', () => ipcRenderer.send('arche:ready'))

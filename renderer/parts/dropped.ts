// Files and folders that a person drops on the page: their paths, as the preload script tells them.
// Guarantees: only while something on the screen takes them; elsewhere a drop does nothing.
import { useEffect, useRef, useState } from 'react'

/** True while something is held over the page. */
export function useDropped(onDropped: (paths: string[]) => void): boolean {
  const [over, setOver] = useState(false)
  const told = useRef(onDropped)
  told.current = onDropped
  useEffect(() => {
    const hold = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'copy'
      setOver(true)
    }
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent) => {
      event.preventDefault()
      setOver(false)
    }
    const receive = (event: MessageEvent<unknown>) => {
      if (event.source !== window || event.origin !== window.location.origin) return
      const { data } = event
      const paths: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'dropped') : undefined
      if (Array.isArray(paths)) told.current(paths.filter((path): path is string => typeof path === 'string'))
    }
    window.addEventListener('dragover', hold)
    window.addEventListener('dragleave', leave)
    window.addEventListener('drop', drop)
    window.addEventListener('message', receive)
    return () => {
      window.removeEventListener('dragover', hold)
      window.removeEventListener('dragleave', leave)
      window.removeEventListener('drop', drop)
      window.removeEventListener('message', receive)
    }
  }, [])
  return over
}

import type { Socket } from 'node:net'

/** Tells each line that comes, without its end; one that grows beyond `maxOctets` ends the connection. */
export function followLines(
  socket: Socket,
  maxOctets: number,
  onLine: (line: string) => void,
): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > maxOctets) socket.destroy()
    else for (const line of lines) onLine(line)
  })
}

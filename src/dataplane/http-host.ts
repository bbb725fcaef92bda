import { type PeekedName, peekedName } from './peeked-name.ts'

/** How the beginning of a request line looks as long as its end is missing. */
const unfinishedRequestLine = /^[A-Z]{1,20}( [^\r\n]*\r?)?$/
const requestLine = /^[A-Z]{1,20} (\S+) HTTP\/1\.[01]\r?$/
const absoluteForm = /^https?:\/\/(?:[^/?#@]*@)?([^/?#]*)/i
const hostHeader = /^host:[ \t]*(.*?)[ \t]*\r?$/i

/**
 * The host of an HTTP/1 request: of its target in absolute form, else of the Host header (RFC 9112 §3.2).
 *
 * Only the first request of a connection is looked at; the others go where it went.
 */
export function readHttpHost(octets: Buffer): PeekedName {
  const lines = octets.toString('latin1').split('\n')
  const unfinished = lines.pop() ?? ''
  const [first, ...headers] = lines
  if (first === undefined) {
    return { kind: unfinishedRequestLine.test(unfinished) ? 'more' : 'none' }
  }
  const target = requestLine.exec(first)?.[1]
  if (target === undefined) return { kind: 'none' }
  const authority = absoluteForm.exec(target)?.[1]
  if (authority !== undefined) return peekedName(withoutPort(authority))
  for (const line of headers) {
    if (line === '' || line === '\r') return { kind: 'none' }
    const value = hostHeader.exec(line)?.[1]
    if (value !== undefined) return peekedName(withoutPort(value))
  }
  return { kind: 'more' }
}

function withoutPort(authority: string): string {
  return authority.replace(/:\d*$/, '')
}

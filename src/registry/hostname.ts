import type { Brand } from '../base/brand.ts'

/**
 * A host name of the mesh: lower case, no last dot; its first label may be `*`, or begin with it.
 */
export type Hostname = Brand<string, 'Hostname'>

/** Why a text is not a host name, as the end of a sentence that begins with the text. */
export type HostnameFault = string

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/i

/** What is wrong with the text as a host of a ServiceEntry; `undefined` when nothing is. */
export function hostnameFault(text: string): HostnameFault | undefined {
  if (text.length === 0 || text.length > 255) return 'must have 1 to 255 characters'
  if (text === '*' || text === '*.') return 'must name a domain, not everything'
  const labels = text.replace(/\.$/, '').split('.')
  for (const [index, part] of labels.entries()) {
    const checked = index === 0 ? part.replace(/^\*-?/, '') : part
    if (index === 0 && part === '*') continue
    if (part.length > 63) return `has a label of more than 63 characters (${part.slice(0, 20)}…)`
    if (!label.test(checked)) {
      return `has a label that is not letters, digits and inner hyphens (${JSON.stringify(part)})`
    }
  }
  if (/^\d+$/.test(labels.at(-1) ?? '')) return 'must not end in a label of digits only'
  return undefined
}

/** The host name in its one spelling; `undefined` when `hostnameFault` has something to say. */
export function tryParseHostname(text: string): Hostname | undefined {
  if (hostnameFault(text) !== undefined) return undefined
  return text.toLowerCase().replace(/\.$/, '') as Hostname
}

/** Whether it stands for every name below a domain. */
export function isWildcard(host: Hostname): boolean {
  return host.startsWith('*')
}

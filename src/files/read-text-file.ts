import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Finding } from '../documents/finding.ts'
import { accessFinding, fileFinding } from './file-finding.ts'

/** What came of reading a file. */
export type TextRead =
  | { readonly kind: 'text'; readonly text: string; readonly hash: string }
  | { readonly kind: 'refused'; readonly finding: Finding }

/** Reads a UTF-8 file; never opens a pipe or device, and never reads much more than the limit. */
export async function readTextFile(file: string, limitOctets: number): Promise<TextRead> {
  try {
    const found = await stat(file)
    if (!found.isFile()) {
      return refuse(fileFinding('FILE_NOT_REGULAR', file, 'it is neither a file nor a folder'))
    }
    if (found.size > limitOctets) return refuse(tooLarge(file, limitOctets))
    const octets = await readOctets(file, limitOctets + 1)
    if (octets.length > limitOctets) return refuse(tooLarge(file, limitOctets))
    const text = decode(octets)
    if (text === undefined) {
      return refuse(fileFinding('BINARY_FILE', file, 'the file is not text in UTF-8'))
    }
    return { kind: 'text', text, hash: createHash('sha256').update(octets).digest('base64') }
  } catch (error) {
    return refuse(accessFinding(file, error))
  }
}

function refuse(finding: Finding): TextRead {
  return { kind: 'refused', finding }
}

function tooLarge(file: string, limitOctets: number): Finding {
  const mebioctets = limitOctets / 1024 / 1024
  const limit = Number.isInteger(mebioctets) ? `${mebioctets} MiB` : `${limitOctets} octets`
  return fileFinding('FILE_TOO_LARGE', file, `the file is larger than the limit of ${limit}`)
}

async function readOctets(file: string, atMost: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(file, { end: atMost - 1 })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** `undefined` when it is not UTF-8, or holds NUL, as no text does. */
function decode(octets: Buffer): string | undefined {
  if (octets.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets)
  } catch {
    return undefined
  }
}

import { type ObjectDocument, readDocuments } from '../documents/documents.ts'
import type { Finding } from '../documents/finding.ts'
import { discover } from '../files/discover.ts'
import { fileFinding } from '../files/file-finding.ts'
import { FilesOptions } from '../files/options.ts'
import { readTextFile, type TextRead } from '../files/read-text-file.ts'

/** Objects of all files in the order of the paths, and what is wrong with the files themselves. */
export interface Input {
  readonly documents: readonly ObjectDocument[]
  readonly findings: readonly Finding[]
}

/** What findings call the standard input. */
const stdinName = '(standard input)'

/** Reads files and folders as an agent does; `-` is the standard input. Never throws. */
export async function readInput(
  paths: readonly string[],
  stdin: NodeJS.ReadableStream,
): Promise<Input> {
  const { sizeLimitOctets } = FilesOptions.parse({})
  const documents: ObjectDocument[] = []
  const findings: Finding[] = []
  const take = (file: string, read: TextRead | string) => {
    if (typeof read !== 'string' && read.kind === 'refused') {
      findings.push(read.finding)
      return
    }
    const input = readDocuments(typeof read === 'string' ? read : read.text, file)
    documents.push(...input.documents)
    findings.push(...input.findings)
  }
  for (const path of paths) {
    if (path === '-') {
      take(stdinName, await readStdin(stdin, sizeLimitOctets))
      continue
    }
    const { files, findings: unreadable } = await discover([path])
    findings.push(...unreadable)
    for (const file of files) take(file, await readTextFile(file, sizeLimitOctets))
  }
  return { documents, findings }
}

async function readStdin(
  stdin: NodeJS.ReadableStream,
  limitOctets: number,
): Promise<TextRead | string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    const octets = Buffer.from(chunk)
    length += octets.length
    if (length > limitOctets) {
      const message = `the input is larger than the limit of ${limitOctets} octets`
      return { kind: 'refused', finding: fileFinding('FILE_TOO_LARGE', stdinName, message) }
    }
    chunks.push(octets)
  }
  return Buffer.concat(chunks).toString('utf8')
}

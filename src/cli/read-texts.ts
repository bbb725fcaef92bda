import type { Finding } from '../documents/finding.ts'
import { discover } from '../files/discover.ts'
import { fileFinding } from '../files/file-finding.ts'
import { FilesOptions } from '../files/options.ts'
import { readTextFile } from '../files/read-text-file.ts'

export interface TextsRead {
  readonly texts: readonly { readonly file: string; readonly text: string }[]
  readonly findings: readonly Finding[]
}

/** What findings call the standard input. */
const stdinName = '(standard input)'

/** Reads files, and the files of folders, as an agent does; `-` is the standard input. Never throws. */
export async function readTexts(
  paths: readonly string[],
  stdin: NodeJS.ReadableStream,
): Promise<TextsRead> {
  const { sizeLimitOctets } = FilesOptions.parse({})
  const texts: { file: string; text: string }[] = []
  const findings: Finding[] = []
  for (const path of paths) {
    if (path === '-') {
      const text = await readStdin(stdin, sizeLimitOctets)
      if (typeof text === 'string') texts.push({ file: stdinName, text })
      else findings.push(text)
      continue
    }
    const { files, findings: unreadable } = await discover([path])
    findings.push(...unreadable)
    for (const file of files) {
      const read = await readTextFile(file, sizeLimitOctets)
      if (read.kind === 'refused') findings.push(read.finding)
      else texts.push({ file, text: read.text })
    }
  }
  return { texts, findings }
}

async function readStdin(
  stdin: NodeJS.ReadableStream,
  limitOctets: number,
): Promise<string | Finding> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    const octets = Buffer.from(chunk)
    length += octets.length
    if (length > limitOctets) {
      const message = `the input is larger than the limit of ${limitOctets} octets`
      return fileFinding('FILE_TOO_LARGE', stdinName, message)
    }
    chunks.push(octets)
  }
  return Buffer.concat(chunks).toString('utf8')
}

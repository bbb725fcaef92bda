import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type ObjectDocument, readDocuments } from '../translate/documents.ts'
import type { Finding } from '../translate/finding.ts'

/** Objects of all files in the order of the paths, and what is wrong with the files themselves. */
export interface Input {
  readonly documents: readonly ObjectDocument[]
  readonly findings: readonly Finding[]
}

export async function readInput(
  paths: readonly string[],
  stdin: NodeJS.ReadableStream,
): Promise<Input> {
  const documents: ObjectDocument[] = []
  const findings: Finding[] = []
  const add = (input: Input) => {
    documents.push(...input.documents)
    findings.push(...input.findings)
  }
  for (const path of paths) {
    if (path === '-') add(readDocuments(await readAll(stdin), '(standard input)'))
    else
      for (const file of await listFiles(path))
        add(readDocuments(await readFile(file, 'utf8'), file))
  }
  return { documents, findings }
}

async function listFiles(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  return (await readdir(path))
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => join(path, name))
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

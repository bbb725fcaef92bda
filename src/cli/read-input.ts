import { type ObjectDocument, readDocuments } from '../documents/documents.ts'
import type { Finding } from '../documents/finding.ts'
import { readTexts } from './read-texts.ts'

/** Objects of all files in the order of the paths, and what is wrong with the files themselves. */
export interface Input {
  readonly documents: readonly ObjectDocument[]
  readonly findings: readonly Finding[]
}

/** Reads files and folders as an agent does; `-` is the standard input. Never throws. */
export async function readInput(
  paths: readonly string[],
  stdin: NodeJS.ReadableStream,
): Promise<Input> {
  const { texts, findings } = await readTexts(paths, stdin)
  const inputs = texts.map(({ text, file }) => readDocuments(text, file))
  return {
    documents: inputs.flatMap(({ documents }) => documents),
    findings: [...findings, ...inputs.flatMap((input) => input.findings)],
  }
}

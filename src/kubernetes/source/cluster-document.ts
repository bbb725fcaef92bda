import type { ObjectDocument } from '../../documents/documents.ts'
import type { PlainMap } from '../../documents/plain-map.ts'

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

/** Of an object whose words are read again later, and so are kept. */
export function keptDocument(value: PlainMap): ObjectDocument {
  return { ...clusterDocument, value }
}

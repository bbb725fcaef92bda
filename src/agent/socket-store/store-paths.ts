import { join } from 'node:path'

/** Sockets in the folder that a store and its agent share. */
export function storePaths(folder: string) {
  return {
    control: join(folder, 'control.sock'),
    /** Where descriptors come to the store, and to the agent. */
    store: join(folder, 'store.sock'),
    agent: join(folder, 'agent.sock'),
  }
}

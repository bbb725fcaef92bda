import { join } from 'node:path'
import { z } from 'zod'
import type { Log } from '../../base/log.ts'
import type { Sidecar } from '../../registry/sidecar.ts'
import { SavedList } from './saved-list.ts'

const labels = z.record(z.string(), z.string())

const SavedSidecar = z.strictObject({
  namespace: z.string(),
  name: z.string(),
  selector: labels.optional(),
  egress: z.array(z.strictObject({ namespace: z.string(), host: z.string() })).readonly(),
  createdAt: z.number(),
})

/** Remembers the Sidecars of the cluster: without them pods would see more than they should while it is away. */
export class SidecarsFile {
  readonly #list: SavedList<z.infer<typeof SavedSidecar>>

  constructor(stateFolder: string, log: Log) {
    this.#list = new SavedList(join(stateFolder, 'node-sidecars.json'), SavedSidecar, log)
  }

  /** `undefined` when nobody knows. */
  async load(): Promise<readonly Sidecar[] | undefined> {
    const saved = await this.#list.load()
    return saved?.map(({ selector, ...rest }) =>
      selector ? { ...rest, selector: new Map(Object.entries(selector)) } : rest,
    )
  }

  save(sidecars: readonly Sidecar[]): void {
    this.#list.save(() =>
      sidecars.map(({ selector, ...rest }) =>
        selector ? { ...rest, selector: Object.fromEntries(selector) } : rest,
      ),
    )
  }

  stop(): Promise<void> {
    return this.#list.stop()
  }
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Log } from '../../base/log.ts'
import { OneAtATime } from '../../base/one-at-a-time.ts'
import { reasonOf } from '../../base/reason-of.ts'
import type { Running } from '../../base/scope.ts'
import { writeAtomically } from '../../base/write-atomically.ts'

const words = z.array(z.string()).readonly()

/** A pod that was served, with where its network was. */
export const ServedPod = z.strictObject({
  pod: z.strictObject({
    uid: z.string(),
    namespace: z.string(),
    name: z.string(),
    labels: z.record(z.string(), z.string()),
    hostNetwork: z.boolean(),
    ended: z.boolean(),
    refusesCapture: z.boolean(),
    hasSidecar: z.boolean(),
    dns: z.strictObject({
      policy: z.string(),
      nameservers: words,
      searches: words,
      options: words,
    }),
  }),
  network: z.strictObject({ path: z.string(), resolvConf: z.string() }),
  /** As long as this is found at the path, the pod is still the same. */
  namespaceId: z.string(),
})
export type ServedPod = z.infer<typeof ServedPod>

const File = z.strictObject({ version: z.literal(1), pods: z.array(ServedPod) })

/** Remembers which pods are served, so that the next agent need not ask first. */
export class ServedPodsFile implements Running {
  readonly #file: string
  readonly #log: Log
  readonly #writing = new OneAtATime(() => this.#write())
  #pods: () => readonly ServedPod[] = () => []

  constructor(stateFolder: string, log: Log) {
    this.#file = join(stateFolder, 'node-pods.json')
    this.#log = log
  }

  /** None when there is no file, or none that can be used. */
  async load(): Promise<readonly ServedPod[]> {
    try {
      return File.parse(JSON.parse(await readFile(this.#file, 'utf8'))).pods
    } catch (error) {
      const { code } = error as { code?: unknown }
      if (code !== 'ENOENT') {
        this.#log.warn({ file: this.#file, reason: reasonOf(error) }, 'the list of pods is no use')
      }
      return []
    }
  }

  /** Saves what `pods` says when there is time. */
  save(pods: () => readonly ServedPod[]): void {
    this.#pods = pods
    void this.#writing.run()
  }

  async stop(): Promise<void> {
    await this.#writing.idle()
  }

  async #write(): Promise<void> {
    try {
      const text = JSON.stringify({ version: 1, pods: this.#pods() })
      await writeAtomically(this.#file, text, { hasty: true })
    } catch (error) {
      this.#log.warn({ file: this.#file, reason: reasonOf(error) }, 'the list of pods is not saved')
    }
  }
}

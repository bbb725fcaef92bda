import { join } from 'node:path'
import { z } from 'zod'
import type { Log } from '../../base/log.ts'
import { SavedList } from './saved-list.ts'

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
  network: z.strictObject({
    path: z.string(),
    resolvConf: z.strictObject({ root: z.string(), path: z.string() }),
  }),
  /** As long as this is found at the path, the pod is still the same. */
  namespaceId: z.string(),
})
export type ServedPod = z.infer<typeof ServedPod>

/** Remembers which pods are served. */
export class ServedPodsFile extends SavedList<ServedPod> {
  constructor(stateFolder: string, log: Log) {
    super(join(stateFolder, 'node-pods.json'), ServedPod, log)
  }
}

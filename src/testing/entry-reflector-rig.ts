import type { TestContext } from 'node:test'
import { Reflector } from '../kubernetes/watch/reflector.ts'
import type { WatchedObjects } from '../kubernetes/watch/reflector-options.ts'
import { type ReflectorRig, reflectorRig } from './reflector-rig.ts'
import { until } from './until.ts'

const group = 'networking.istio.io'
const kind = { group, versions: ['v1', 'v1beta1'], plural: 'serviceentries' } as const
export const served = { group, version: 'v1', plural: 'serviceentries' }

/** A reflector of ServiceEntries, and what its follower heard. */
export interface EntryRig extends ReflectorRig {
  readonly reflector: Reflector<string>
  /** `+NAME` and `-NAME`, one text for each change. */
  readonly changes: string[]
  put(name: string, namespace?: string): void
}

/** `faulty` cannot be read, and `unwanted` is not kept. */
export async function entryRig(
  test: TestContext,
  watched: Partial<WatchedObjects> = {},
): Promise<EntryRig> {
  const rig = await reflectorRig(test, [served])
  const reflector = new Reflector<string>(
    {
      kind,
      ...watched,
      project({ metadata }) {
        const { name } = metadata as { readonly name: string }
        if (name === 'faulty') throw new Error('cannot be read')
        return name === 'unwanted' ? undefined : name
      },
    },
    rig.ports,
  )
  test.after(() => reflector.stop())
  const changes: string[] = []
  reflector.follow(({ put, gone }) => {
    changes.push([...put.map((one) => `+${one}`), ...gone.map((one) => `-${one}`)].join(' '))
  })
  const put = (name: string, namespace = 'ns1') =>
    rig.api.put('serviceentries', { metadata: { name, namespace } })
  return { ...rig, reflector, changes, put }
}

/** With a stream open. */
export async function follow(rig: EntryRig): Promise<void> {
  await rig.reflector.start()
  await until(() => rig.api.streams() === 1)
}

/** How many pages were read. */
export function lists({ api }: Pick<EntryRig, 'api'>): number {
  return api.requests.filter((one) => one.path.endsWith('entries') && !one.isWatch).length
}

/** Whether it waits for the clock. */
export function hasTimer({ clock }: EntryRig): boolean {
  return clock.waiting > 0
}

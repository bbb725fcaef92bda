import type { PlainMap } from '../documents/plain-map.ts'

/** What a profile of Istio's says, as far as it matters here: the `spec` of an IstioOperator. */
export type InstallProfile = PlainMap

/** Profiles by name. `default` is what holds when none is named. */
export const installProfiles: ReadonlyMap<string, InstallProfile> = new Map<string, InstallProfile>(
  [
    ['default', { components: { pilot: { enabled: true } } }],
    ['minimal', { components: { pilot: { enabled: true } } }],
    ['empty', { components: { pilot: { enabled: false } } }],
    [
      'demo',
      {
        components: { pilot: { enabled: true } },
        meshConfig: { accessLogFile: '/dev/stdout' },
      },
    ],
    [
      'preview',
      {
        components: { pilot: { enabled: true } },
        meshConfig: { defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' } } },
      },
    ],
    // What Istio has a program of its own for, node agents do.
    ['ambient', { components: { pilot: { enabled: true }, ztunnel: { enabled: true } } }],
  ],
)

/** Profiles that Istio has besides; they are about Kubernetes. */
export const otherProfiles: ReadonlySet<string> = new Set([
  'external',
  'openshift',
  'openshift-ambient',
  'remote',
  'stable',
])

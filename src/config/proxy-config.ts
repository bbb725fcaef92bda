import { z } from 'zod'
import type { Path } from '../documents/path.ts'
import { asMap, isPlainMap, type PlainMap, textsOf } from '../documents/plain-map.ts'
import type { Report } from '../documents/report.ts'
import { checkShape } from '../documents/shape.ts'
import { tryParseDuration } from './go-duration.ts'
import { addUnused, type Checking, checkDurations, messageShape } from './message.ts'
import { type ReadinessProbe, readReadinessProbe, tryProbe } from './readiness-probe.ts'

/** What a proxy is told (Istio: ProxyConfig), as far as we act on it. Immutable. */
export interface ProxyConfig {
  /** Becomes environment of the agent. */
  readonly proxyMetadata: ReadonlyMap<string, string>
  /** The controller, HOST:PORT. */
  readonly discoveryAddress: string
  /** Threads; missing when nobody said, 0 means one for each processor. */
  readonly concurrency?: number
  readonly readinessProbe?: ReadinessProbe
  readonly drainDurationMs: number
  readonly terminationDrainDurationMs: number
  readonly statusPort: number
  readonly holdApplicationUntilProxyStarts: boolean
}

const { shape, others } = messageShape(
  {
    proxyMetadata: z.record(z.string(), z.unknown()).nullish(),
    discoveryAddress: z.string().nullish(),
    concurrency: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .nullish(),
    readinessProbe: z.looseObject({}).nullish(),
    drainDuration: z.string().nullish(),
    terminationDrainDuration: z.string().nullish(),
    statusPort: z.int().min(0).max(65_535).nullish(),
    holdApplicationUntilProxyStarts: z.boolean().nullish(),
  },
  [
    'availabilityZone',
    'binaryPath',
    'caCertificatesPem',
    'configPath',
    'controlPlaneAuthPolicy',
    'customConfigFile',
    'discoveryRefreshDelay',
    'envoyAccessLogService',
    'envoyMetricsService',
    'envoyMetricsServiceAddress',
    'extraStatTags',
    'fileFlushInterval',
    'fileFlushMinSizeKb',
    'gatewayTopology',
    'image',
    'interceptionMode',
    'meshId',
    'parentShutdownDuration',
    'privateKeyProvider',
    'proxyAdminPort',
    'proxyBootstrapTemplatePath',
    'proxyHeaders',
    'proxyStatsMatcher',
    'runtimeValues',
    'sds',
    'serviceCluster',
    'statNameLength',
    'statsCompression',
    'statsdUdpAddress',
    'tracing',
    'tracingServiceName',
    'zipkinAddress',
  ],
)

/** Checked, and passed on to whom it may concern, but there is nothing here that it could change. */
const readOnly = ['concurrency', 'drainDuration']

/** What Istio assumes when nobody says anything. */
export const proxyConfigDefaults = {
  discoveryAddress: 'istiod.istio-system.svc:15012',
  drainDuration: '45s',
  terminationDrainDuration: '5s',
  statusPort: 15_020,
  holdApplicationUntilProxyStarts: false,
} as const

/** Says what is wrong with a ProxyConfig message, field by field. */
export function checkProxyConfig(value: unknown, checking: Checking): void {
  const { report, path } = checking
  if (!checkShape(shape, value, { report, path })) return
  addUnused(value, [...others, ...readOnly], checking)
  checkDurations(value, ['drainDuration', 'terminationDrainDuration'], checking)
  const { proxyMetadata, readinessProbe } = value as PlainMap
  checkTexts(proxyMetadata, [...path, 'proxyMetadata'], report)
  if (readinessProbe !== undefined && readinessProbe !== null) {
    readReadinessProbe(readinessProbe, { report, path: [...path, 'readinessProbe'] })
  }
}

/** Environment variables are texts: says how to write those that are not. */
export function checkTexts(map: unknown, path: Path, report: Report): void {
  if (!isPlainMap(map)) return
  for (const [name, value] of Object.entries(map)) {
    if (typeof value === 'string') continue
    const isPlain = typeof value === 'boolean' || typeof value === 'number'
    const quoted = JSON.stringify(isPlain ? String(value) : '')
    report.error({
      code: 'NOT_A_TEXT',
      path: [...path, name],
      message: `must be a text, not ${describe(value)}`,
      hint: `Put it in quotes: ${name}: ${quoted}`,
    })
  }
}

function describe(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a map' : `the unquoted ${JSON.stringify(value)}`
}

/** Whether a map of a ProxyConfig is replaced whole: two probes make no third one. */
export function isReplacedWhole(path: Path): boolean {
  return path.length === 1 && path[0] === 'readinessProbe'
}

/** The typed form of a tree whose layers were checked. */
export function toProxyConfig(tree: unknown): ProxyConfig {
  const map = asMap(tree)
  const { concurrency, discoveryAddress, statusPort } = map
  const probe = tryProbe(map['readinessProbe'])
  return {
    proxyMetadata: new Map(Object.entries(textsOf(map['proxyMetadata']))),
    discoveryAddress:
      typeof discoveryAddress === 'string' && discoveryAddress !== ''
        ? discoveryAddress
        : proxyConfigDefaults.discoveryAddress,
    ...(typeof concurrency === 'number' ? { concurrency } : {}),
    ...(probe === undefined ? {} : { readinessProbe: probe }),
    drainDurationMs: durationOf(map['drainDuration'], proxyConfigDefaults.drainDuration),
    terminationDrainDurationMs: durationOf(
      map['terminationDrainDuration'],
      proxyConfigDefaults.terminationDrainDuration,
    ),
    statusPort: typeof statusPort === 'number' ? statusPort : proxyConfigDefaults.statusPort,
    holdApplicationUntilProxyStarts: map['holdApplicationUntilProxyStarts'] === true,
  }
}

function durationOf(value: unknown, fallback: string): number {
  return tryParseDuration(typeof value === 'string' ? value : fallback) ?? 0
}

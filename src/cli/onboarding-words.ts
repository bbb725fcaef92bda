import type { OnboardingWishes } from '../install/onboarding/onboarding.ts'
import { controllerHostOf } from '../install/onboarding/onboarding.ts'
import type { OnboardingSource } from '../install/onboarding/source.ts'
import { type IpAddress, tryParseIp } from '../ip/address.ts'
import type { Invocation, OptionSpec } from './command.ts'
import type { OptionValues } from './option-values.ts'
import { UsageError } from './usage-error.ts'

/** Flags of `workload entry configure`, spelt as in Istio. */
export const onboardingOptions: readonly OptionSpec[] = [
  { flags: '-f, --file <path>', summary: 'file with the WorkloadGroup; - is the standard input' },
  { flags: '--name <name>', summary: 'the WorkloadGroup, of those that the controller reads' },
  { flags: '-n, --namespace <name>', summary: 'namespace of the WorkloadGroup' },
  { flags: '-o, --output <folder>', summary: 'where the files go; it is made when it is missing' },
  {
    flags: '--clusterID <name>',
    summary:
      'name of the cluster; without it, what the controller was told, Kubernetes where it was told nothing',
  },
  {
    flags: '--tokenDuration <seconds>',
    summary: 'how long the token counts',
    fallback: '3600',
  },
  {
    flags: '--ingressService <name>',
    summary: 'Service that machines reach the controller through, NAME or NAME.NAMESPACE',
    fallback: 'istio-eastwestgateway',
  },
  { flags: '--ingressIP <address>', summary: 'address that machines reach the controller at' },
  { flags: '--internalIP <address>', summary: 'address of the machine inside of its network' },
  { flags: '--externalIP <address>', summary: 'address of the machine as others see it' },
  {
    flags: '--autoregister [boolean]',
    summary: 'the machine becomes a WorkloadEntry when it connects',
    fallback: 'false',
  },
  {
    flags: '--capture-dns [boolean]',
    summary: 'catch DNS on the machine; false leaves what the mesh says',
    fallback: 'true',
  },
  {
    flags: '--revision <name>',
    summary: 'of the controller, where there are several; without it, the one that is installed',
  },
  {
    flags: '-i, --istioNamespace <name>',
    summary:
      "namespace in the controller's own name, istiod.NAMESPACE.svc; without it, the one that is installed",
  },
]

/**
 * What the flags say, and the source where they say nothing.
 * @throws {UsageError} when they make no sense.
 */
export async function readOnboardingWishes(
  { options }: Invocation,
  source: OnboardingSource,
  warn: (text: string) => void,
): Promise<OnboardingWishes> {
  const { revision, namespace } = await source.config()
  const { clusterId, serverNames } = await source.names()
  const ownAddress = readOwnAddress(options)
  checkTokenDuration(options.text('tokenDuration') ?? '')
  const wishes = {
    clusterId: options.text('clusterID') || clusterId,
    revision: options.text('revision') ?? revision,
    istioNamespace: options.text('istioNamespace') ?? namespace,
    captureDns: readSwitch(options, 'capture-dns'),
    autoRegister: readSwitch(options, 'autoregister'),
    ...(ownAddress ? { ownAddress } : {}),
  }
  const host = controllerHostOf(wishes)
  if (!serverNames.includes(host)) {
    warn(
      `the certificate of this controller is not for ${host}, and machines will not believe it: name the revision in \`identity.revisions\`, or the host in \`identity.serverNames\`, of its options`,
    )
  }
  const ingressAddress = await findIngress(options, source, wishes.istioNamespace)
  if (ingressAddress) return { ...wishes, ingressAddress }
  const wrong = options.text('ingressIP')
  const why = wrong === undefined ? '' : `${JSON.stringify(wrong)} is not an IP address; `
  warn(
    `${why}nobody knows where machines reach ${host}, so the file hosts is empty: name the place with --ingressIP ADDRESS`,
  )
  return wishes
}

function readOwnAddress(options: OptionValues): OnboardingWishes['ownAddress'] {
  const [internal, external] = [
    readAddress(options, 'internalIP'),
    readAddress(options, 'externalIP'),
  ]
  if (internal && external) {
    throw new UsageError('--internalIP and --externalIP exclude each other', {
      hint: 'Give the address that others of the mesh reach the machine at.',
    })
  }
  if (internal) return { kind: 'internal', address: internal }
  return external && { kind: 'external', address: external }
}

function readAddress(options: OptionValues, name: string): IpAddress | undefined {
  const text = options.text(name) ?? ''
  const address = tryParseIp(text)
  if (address !== undefined || text === '') return address
  throw new UsageError(`--${name}: ${JSON.stringify(text)} is not an IP address`, {
    hint: 'Write an IPv4 or IPv6 address.',
  })
}

function readSwitch(options: OptionValues, name: string): boolean {
  const text = options.has(name) ? 'true' : options.text(name)
  if (text === 'true' || text === 'false') return text === 'true'
  throw new UsageError(`--${name} is true or false, not ${JSON.stringify(text)}`, {
    hint: `Write --${name}=true or --${name}=false.`,
  })
}

function checkTokenDuration(text: string): void {
  if (/^[1-9]\d{0,8}$/.test(text)) return
  throw new UsageError(`--tokenDuration is a number of seconds, not ${JSON.stringify(text)}`, {
    hint: 'Write 3600 for an hour.',
  })
}

/** An address that is none is as good as no word, as in Istio. */
async function findIngress(
  options: OptionValues,
  source: OnboardingSource,
  istioNamespace: string,
): Promise<IpAddress | undefined> {
  const given = tryParseIp(options.text('ingressIP') ?? '')
  if (given !== undefined) return given
  const [service = '', namespace = istioNamespace] = (options.text('ingressService') ?? '').split(
    '.',
  )
  return await source.ingressAddress(namespace, service)
}

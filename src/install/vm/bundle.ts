import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { CodedError } from '../../base/coded-error.ts'
import { tryParseBoolean } from '../../config/go-boolean.ts'
import { isOfTheLoader } from '../../config/loader-variable.ts'
import { tryParseIp } from '../../ip/address.ts'
import type { OnboardingFiles } from '../onboarding/write-files.ts'

/** The folder is not what `workload entry configure` writes. Nothing was changed. */
export class BundleError extends CodedError {
  override readonly code = 'INSTALL_BUNDLE'

  constructor(folder: string, reason: string, cause?: unknown) {
    super(`${folder} cannot be installed: ${reason}`, {
      ...(cause === undefined ? {} : { cause }),
      hint: 'Name a folder that `meshdns workload entry configure -o FOLDER` wrote, with all of its files.',
    })
  }
}

const names = ['cluster.env', 'mesh.yaml', 'root-cert.pem', 'istio-token', 'hosts'] as const
const mostOctets = 1 << 20

/**
 * Reads what a machine was given.
 * @throws {BundleError} when a file is missing or makes no sense; says which.
 */
export function readBundle(folder: string): OnboardingFiles {
  const texts = names.map((name) => [name, readText(folder, name)] as const)
  const missing = texts.filter(([, text]) => text === undefined).map(([name]) => name)
  if (missing.length > 0) throw new BundleError(folder, `it lacks ${missing.join(', ')}`)
  const files = Object.fromEntries(texts) as unknown as OnboardingFiles
  const fault = faultOf(files)
  if (fault !== undefined) throw new BundleError(folder, fault)
  return files
}

/** Whether the machine's DNS is to be caught. */
export function wantsCapture({ 'cluster.env': text }: OnboardingFiles): boolean {
  return tryParseBoolean(parseEnv(text)['ISTIO_META_DNS_CAPTURE'] ?? '') === true
}

function readText(folder: string, name: string): string | undefined {
  try {
    const text = readFileSync(join(folder, name), 'utf8')
    if (text.length <= mostOctets) return text
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new BundleError(folder, `${name} cannot be read`, cause)
  }
  throw new BundleError(folder, `${name} has more than ${mostOctets} octets`)
}

function faultOf(files: OnboardingFiles): string | undefined {
  const { hosts, 'root-cert.pem': roots, 'istio-token': token } = files
  if (!roots.includes('-----BEGIN CERTIFICATE-----')) return 'root-cert.pem holds no certificate'
  if (token.trim() === '') return 'istio-token is empty'
  if (files['mesh.yaml'].trim() === '') return 'mesh.yaml is empty'
  if (files['cluster.env'].trim() === '') return 'cluster.env is empty'
  const loader = Object.keys(parseEnv(files['cluster.env'])).find(isOfTheLoader)
  if (loader !== undefined) return `cluster.env sets ${loader}, which says what code is run`
  const strange = hosts.split('\n').find((line) => !isHostsLine(line))
  return strange === undefined ? undefined : `hosts has the line ${JSON.stringify(strange)}`
}

/** What is added to /etc/hosts says where names are, and nothing else. */
function isHostsLine(line: string): boolean {
  const [address = '', ...hosts] = line.split(' ')
  if (line === '') return true
  return tryParseIp(address) !== undefined && hosts.every((host) => /^[a-z0-9.-]+$/.test(host))
}

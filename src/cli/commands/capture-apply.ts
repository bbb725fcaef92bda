import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { createLog } from '../../base/log.ts'
import { type CaptureChoice, createCapture } from '../../capture/capture.ts'
import { renderIptables } from '../../capture/iptables.ts'
import { renderNftables } from '../../capture/nftables.ts'
import { type CapturePlan, familiesOf } from '../../capture/plan.ts'
import { parseResolvConf } from '../../config/resolv-conf.ts'
import type { IpAddress } from '../../ip/address.ts'
import { outwardFamilies } from '../../ip/outward-families.ts'
import { captureOptions } from '../capture-words.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { isOn, readCapturePlan } from '../read-capture-plan.ts'
import { ruleTool } from '../rule-tool.ts'
import { UsageError } from '../usage-error.ts'

export const command: Command = {
  description:
    'Sets the rules that catch the questions and connections of a pod or machine for its agent, and ends: what the init container istio-init of an injected pod does. ' +
    'The agent beside needs no rights then: it is started with --capture-rules given, as one of the users or groups named here. ' +
    'It needs CAP_NET_ADMIN, for iptables CAP_NET_RAW as well. Rules of an earlier call are replaced, whole or not at all. ' +
    'Words and variables are those of Istio’s pilot-agent istio-iptables.',
  operands: [],
  options: [
    ...captureOptions,
    { flags: '-n, --dry-run', summary: 'print the rules, and set none' },
  ],
  examples: [
    {
      command: 'meshdns capture apply --redirect-dns -i 10.0.0.0/8 -o 22',
      says: 'questions, and connections to virtual addresses and to 10.0.0.0/8, but not SSH',
    },
    { command: 'meshdns capture apply --redirect-dns --dry-run', says: 'see the rules first' },
  ],
  run,
}

async function run({ options, io }: Invocation): Promise<ExitCode> {
  const plan = readCapturePlan(options, {
    env: io.env,
    families: outwardFamilies(networkInterfaces()),
    nameservers,
  })
  const onlyNftables = isOn(options, 'native-nftables')
  const backend = onlyNftables ? 'nftables' : ((options.text('backend') ?? 'auto') as CaptureChoice)
  if (options.has('dry-run')) {
    io.stdout.write(render(plan, backend))
    return exitCodes.done
  }
  await createCapture(backend, ruleTool(io), createLog('info', io.stdout)).apply(plan)
  io.stdout.write(describePlan(plan))
  return exitCodes.done
}

/** @throws {UsageError} when the file cannot be read. */
function nameservers(file: string): readonly IpAddress[] {
  try {
    return parseResolvConf(readFileSync(file, 'utf8')).nameservers.map(({ address }) => address)
  } catch (cause) {
    throw new UsageError(`${file} cannot be read`, {
      cause,
      hint: 'Name another file with --resolv-conf, or catch questions for all servers with --capture-all-dns.',
    })
  }
}

function render(plan: CapturePlan, backend: CaptureChoice): string {
  if (backend !== 'iptables') return renderNftables(plan)
  return familiesOf(plan)
    .map((family) => renderIptables(plan, family))
    .join('')
}

function describePlan({ dns, tcp }: CapturePlan): string {
  const servers = typeof dns === 'object' ? dns.nameservers.join(', ') : ''
  const questions = dns === 'all' ? 'for all servers' : servers === '' ? 'none' : `for ${servers}`
  const connections =
    tcp === 'outgoing'
      ? 'all that leave'
      : 'to virtual addresses, and to the ranges and ports named'
  return `questions caught: ${questions}; connections caught: ${connections}\n`
}

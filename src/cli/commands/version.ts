import { z } from 'zod'
import { reasonOf } from '../../base/reason-of.ts'
import { askControllers } from '../ask-controller.ts'
import { clusterControllerOptions, meansCluster } from '../cluster-controllers.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { readPage } from '../http-page.ts'
import { outputOption, print } from '../output.ts'
import { printable } from '../table.ts'
import { version } from '../version.ts'

export const command: Command = {
  description:
    'Prints the version of this program, and of the controllers of the cluster, or of the one that runs on this machine.',
  operands: [],
  options: [
    {
      flags: '--controller-pages <url>',
      summary: 'where a controller has its pages',
      fallback: 'http://127.0.0.1:15014',
    },
    ...clusterControllerOptions,
    outputOption,
  ],
  examples: [
    { command: 'meshdns version', says: 'for people' },
    { command: 'meshdns version -o json', says: 'for programs' },
  ],
  fields: [
    { path: 'client', says: 'of this program' },
    {
      path: 'controller',
      says: 'of the controllers, each once, with a comma between; missing where none answers',
    },
  ],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const client = version()
  const controller = meansCluster(invocation, ['controller-pages'])
    ? await clusterVersion(invocation)
    : await controllerVersion(invocation.options.text('controller-pages') ?? '')
  await print(invocation, {
    forPeople: () => `client: ${client}\ncontroller: ${printable(controller ?? 'none answers')}\n`,
    value: { client, ...(controller === undefined ? {} : { controller }) },
  })
  return exitCodes.done
}

const VersionPage = z.object({ version: z.string() })

/** While controllers are replaced there may be two; without a cluster we still know our own. */
async function clusterVersion(invocation: Invocation): Promise<string | undefined> {
  try {
    const answers = await askControllers(invocation, '/version', VersionPage)
    return [...new Set(answers.map(({ value }) => value.version))].toSorted().join(',')
  } catch (error) {
    invocation.io.stderr.write(`warning: ${printable(reasonOf(error))}\n`)
    return undefined
  }
}

async function controllerVersion(pages: string): Promise<string | undefined> {
  const page = await readPage(`${pages}/version`)
  if (page?.status !== 200) return undefined
  try {
    const { version: text } = JSON.parse(page.text) as { readonly version?: unknown }
    return typeof text === 'string' ? text : undefined
  } catch {
    // istiod says it as it is.
    return page.text.trim()
  }
}

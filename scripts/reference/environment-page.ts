import { AgentOptions } from '../../src/agent/options.ts'
import { agentWords } from '../../src/cli/agent-words.ts'
import { commandList } from '../../src/cli/command-list.ts'
import { istioPlaces, istioVariables } from '../../src/cli/istio-variables.ts'
import { controllerWords } from '../../src/cli/read-controller-options.ts'
import { pilotVariables } from '../../src/config/pilot-variables.ts'
import { code, page, table } from './markdown.ts'

/** Every variable that some command reads. */
export async function environmentPage(): Promise<string> {
  const words = agentWords(AgentOptions)
  return page('Environment', [
    'An empty variable counts as one that is not set.',
    "## Istio's variables",
    'They mean what they mean to Istio’s agent. Booleans and durations are written as there (`true`, `5s`). A variable of our own goes over one of these.',
    table(
      ['variable', 'option'],
      istioVariables.map(({ name, path }) => [code(name), code(path.join('.'))]),
    ),
    'Others are no options. The file of the mesh, `PROXY_CONFIG` and the annotation of a pod put their `proxyMetadata` into the environment, and ' +
      '`discoveryAddress` as `PILOT_ADDRESS`; a variable that is set there already wins. `meshdns agent --show-options` tells where each option comes from.',
    table(
      ['variable', 'says'],
      istioPlaces.map(({ name, says }) => [code(name), says]),
    ),
    "## The agent's options",
    '[Configuration](config.md) says what each option means. Items of a list are separated by commas.',
    table(
      ['variable', 'option', 'flag'],
      words.map(({ path, spec, flag }) => [
        code(spec.env ?? ''),
        code(path.join('.')),
        code(`--${flag}`),
      ]),
    ),
    "## The controller's options",
    table(
      ['variable', 'option', 'flag'],
      controllerWords.map(({ path, spec, flag }) => [
        code(spec.env ?? ''),
        code(path.join('.')),
        code(`--${flag}`),
      ]),
    ),
    "## istiod's variables",
    'They mean what they mean to istiod, also below `values.pilot.env` of an IstioOperator.',
    table(
      ['variable', 'option'],
      pilotVariables.map(({ name, path }) => [code(name), code(path.join('.'))]),
    ),
    '## Other options of commands',
    table(
      ['variable', 'command', 'stands in for'],
      await otherRows(new Set([...words, ...controllerWords].map(({ spec }) => spec.env))),
    ),
    '## Colour',
    '`NO_COLOR` turns colour off, `FORCE_COLOR` turns it on where nobody looks.',
  ])
}

async function otherRows(known: ReadonlySet<string | undefined>): Promise<string[][]> {
  const rows: string[][] = []
  for (const entry of commandList) {
    const { options } = await entry.load()
    for (const { env, flags } of options) {
      if (env === undefined || known.has(env)) continue
      rows.push([code(env), code(`meshdns ${entry.name}`), code(flags)])
    }
  }
  return rows
}

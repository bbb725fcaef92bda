import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { systemClock } from '../src/base/clock.ts'
import { writeAtomically } from '../src/base/write-atomically.ts'
import { ConfigFiles } from '../src/files/config-files.ts'
import { Translator } from '../src/translate/translator.ts'
import { UniqueObjects } from '../src/translate/unique-objects.ts'
import { entryOf, translateOptions } from './change-parts.ts'
import { cpuMs, measureCpu } from './cpu-time.ts'
import { formatSpread } from './spread.ts'

const files = Number(process.argv[2] ?? 1_000)
const entries = 100
const rounds = 30

function textOf(file: number, version: number): string {
  const all = Array.from({ length: entries }, (_, at) => file * entries + at)
  return all.map((index, at) => stringify(entryOf(index, at === 50 ? version : 0))).join('---\n')
}

const folder = await mkdtemp(join(tmpdir(), 'meshdns-bench-'))
const pathOf = (file: number) => join(folder, `f${String(file).padStart(5, '0')}.yaml`)
try {
  for (let file = 0; file < files; file += 1) await writeFile(pathOf(file), textOf(file, 0))
  const config = new ConfigFiles({
    paths: [folder],
    parse: { defaultNamespace: 'default' },
    sizeLimitOctets: 2 ** 25,
    clock: systemClock,
  })
  const unique = new UniqueObjects()
  const translator = new Translator(translateOptions)
  const first = await cpuMs(async () => {
    await config.read()
  })
  translator.update(unique.update(config.groups))
  const far = (round: number) => (round * 37) % files

  const write = async (version: number) => {
    for (let round = 0; round < rounds; round += 1) {
      await writeAtomically(pathOf(far(round)), textOf(far(round), version))
    }
  }
  const everywhere = await measureCpu(rounds, async () => {
    await config.read()
  })
  await write(1)
  const told = await measureCpu(rounds, async (round) => {
    await config.read(new Set([pathOf(far(round))]))
  })
  translator.update(unique.update(config.groups))
  await write(2)
  const translated = await measureCpu(rounds, async (round) => {
    await config.read(new Set([pathOf(far(round))]))
    const hosts = translator.update(unique.update(config.groups))
    if (hosts.size !== 1) throw new Error(`${hosts.size} hosts changed`)
  })
  console.log(
    `${files} files of ${entries} entries, CPU time in milliseconds: median (least to most)`,
  )
  console.log(`first reading:                     ${first.toFixed(0)}`)
  console.log(`all files looked at, none changed: ${formatSpread(everywhere, 1)}`)
  console.log(`one file changed, read:            ${formatSpread(told, 2)}`)
  console.log(`one file changed, to services:     ${formatSpread(translated, 2)}`)
} finally {
  await rm(folder, { recursive: true })
}

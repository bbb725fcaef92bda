import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Container, ExitCode } from './container.ts'
import { ContainerSlot } from './container-slot.ts'

it('a container that is told to end while it is being started is ended', async () => {
  const starting = Promise.withResolvers<Container>()
  const ending = Promise.withResolvers<ExitCode>()
  const signals: NodeJS.Signals[] = []
  const slot = new ContainerSlot({
    spec: { name: 'app' },
    restartPolicy: 'Always',
    start: () => starting.promise,
    probe: () => Promise.resolve(true),
    onChange: () => {},
  })
  const running = slot.run()
  const stopping = slot.stop(60_000)
  const container: Partial<Container> = {
    made: Promise.resolve(),
    ended: ending.promise,
    isRunning: true,
    signal(signal) {
      signals.push(signal)
      ending.resolve(0)
    },
  }
  starting.resolve(container as Container)
  await stopping
  assert.equal(await running, 0)
  assert.deepEqual(signals, ['SIGTERM'])
})

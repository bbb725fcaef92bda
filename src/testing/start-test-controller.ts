import { networkInterfaces } from 'node:os'
import type { TestContext } from 'node:test'
import type { z } from 'zod'
import { localFamilies } from '../agent/local-families.ts'
import { systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { ControllerOptions } from '../controller/options.ts'
import type { ControllerProcess } from '../controller/process.ts'
import { type Controller, startController } from '../controller/start-controller.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A controller in this process, on ports of its own; stopped with the test. */
export async function startTestController(
  test: Pick<TestContext, 'after'>,
  options: Partial<z.input<typeof ControllerOptions>> = {},
  {
    log = silentLog,
    name = 'controller.test',
    families = () => localFamilies(networkInterfaces()),
  }: Partial<Pick<ControllerProcess, 'log' | 'name' | 'families'>> = {},
): Promise<Controller> {
  const stateFolder = options.stateFolder ?? (await temporaryFolder(test))
  const parsed = ControllerOptions.parse({
    admin: { address: '127.0.0.1:0' },
    xds: { plaintextAddress: '127.0.0.1:0', tlsAddresses: ['127.0.0.1:0'] },
    ...options,
    stateFolder,
  })
  const ports = { clock: systemClock, log, name, version: '0.0.0', env: {}, families }
  const controller = await startController(parsed, ports)
  test.after(() => controller.stop())
  return controller
}

import { isProduct, readSources } from '../../test/architecture/tree.ts'
import { cliPage } from './cli-page.ts'
import { configPage } from './config-page.ts'
import { readHealthSpecs, readMeterSpecs } from './declarations.ts'
import { environmentPage } from './environment-page.ts'
import { readErrorClasses } from './error-classes.ts'
import { errorPage } from './error-page.ts'
import { healthPage } from './health-page.ts'
import { metricsPage } from './metrics-page.ts'
import { rolesPage } from './roles-page.ts'

/** All reference pages as the code says them now, by path from the checkout's root. */
export async function renderPages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/reference/cli.md', await cliPage()],
    ['docs/reference/config.md', configPage()],
    ['docs/reference/environment.md', await environmentPage()],
    ['docs/reference/errors.md', errorPage(readErrorClasses(readSources().filter(isProduct)))],
    ['docs/reference/health.md', healthPage(await readHealthSpecs())],
    ['docs/reference/metrics.md', metricsPage(await readMeterSpecs())],
    ['docs/reference/roles.md', rolesPage()],
  ])
}

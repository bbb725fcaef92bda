import { playDemo } from '../stage-process.ts'
import { judgeUpstream } from '../upstream.ts'
import { chapters } from './chapters.ts'
import { MeshDemo } from './mesh-demo.ts'
import { makeMeshNetwork } from './mesh-network.ts'

// The process inside the private network of the mesh: plays its servers and runs the commands.

await playDemo(async (page) => {
  const network = await makeMeshNetwork(process.env['PATH'] ?? '')
  const demo = new MeshDemo(page, network)
  page.text(
    'A private network: controller 192.0.2.10, vm1 192.0.2.21, vm2 192.0.2.22, services on 198.51.100.1 to .4.\n',
  )
  page.text(
    'Commands after $ run beside the machines, whose root folders are controller, vm1 and vm2; others on the machine.\n',
  )
  for (const { title, play } of chapters) {
    page.chapter(title)
    await play(demo)
  }
  page.text('\n')
  judgeUpstream(page, network.asked)
  return page.end(
    'The network is gone with the demo. How to do this with machines of your own: docs/mesh.md',
  )
})

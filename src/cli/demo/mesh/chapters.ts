import type { MeshDemo } from './mesh-demo.ts'

/** A part of the demo, under one heading. */
export interface MeshChapter {
  readonly title: string
  readonly play: (demo: MeshDemo) => Promise<void>
}

const objects = 'controller/etc/meshdns/objects'
const controllerUnit = 'meshdns-controller.service'
const agentUnit = 'meshdns.service'
const answering = /^.*"msg":"answering".*$/m
const serving = [/^.*"msg":"serving".*$/m]
const inForce = /^.*"msg":"the table is the controller’s".*$/m

export const chapters: readonly MeshChapter[] = [
  { title: 'A controller', play: installController },
  { title: 'Two machines', play: onboardMachines },
  { title: 'Names and connections', play: connect },
  { title: 'A change', play: change },
  { title: 'Without the controller', play: killController },
  { title: 'And with it again', play: startAgain },
]

async function installController(demo: MeshDemo): Promise<void> {
  const { controller } = demo.network
  await demo.here('cat iop.yaml', {
    says: 'DNS capture is on for the whole mesh, as on Istio’s page.',
    want: [/kind: IstioOperator/],
  })
  await demo.here('cat iop.yaml | meshdns install -y -f - --root controller', {
    says: 'What a controller is made of, written below its root folder.',
    want: [/^created .*\/etc\/meshdns\/mesh\.yaml$/m],
  })
  await demo.here(`cp examples/*.yaml ${objects}; ls ${objects}`, {
    says: 'The ServiceEntries of the first demo are those of the mesh.',
    want: [/external-auto\.yaml/],
  })
  const group = 'meshdns workload group create --name shop --namespace vms --labels app=shop'
  await demo.here(`${group} | tee ${objects}/shop.yaml`, {
    says: 'What its machines have in common.',
    want: [/kind: WorkloadGroup/],
  })
  await controller.boot()
  await demo.startUnit(controller, controllerUnit, serving)
}

async function onboardMachines(demo: MeshDemo): Promise<void> {
  const { controller, vms } = demo.network
  for (const { name } of vms) {
    const words = '--name shop -n vms --autoregister --ingressIP 192.0.2.10'
    await demo.on(controller, `meshdns workload entry configure ${words} -o /root/${name}`, {
      says: `What ${name} joins the mesh with.`,
      want: [/^\/root\/vm\d holds what a machine of vms\/shop needs\.$/m],
    })
  }
  await demo.here('cat controller/root/vm1/cluster.env', {
    says: 'DNS capture is on for machines that were set up so.',
    want: [/^ISTIO_META_DNS_CAPTURE='true'$/m],
  })
  for (const [at, machine] of vms.entries()) {
    const { name } = machine
    const install = `meshdns vm install controller/root/${name} --root ${name}`
    const isFirst = at === 0
    // One long list is enough.
    await demo.here(isFirst ? install : `${install} | tail -n 1`, {
      says: isFirst ? 'Everything is where Istio has it.' : 'And the same once more.',
      want: [
        isFirst
          ? /^created .*\/var\/lib\/istio\/envoy\/cluster\.env$/m
          : /^changed .*\/etc\/hosts$/m,
      ],
    })
    await machine.boot()
    await demo.startUnit(machine, agentUnit, [answering, inForce])
  }
}

async function connect(demo: MeshDemo): Promise<void> {
  const [first, second] = await tryAddresses(demo, 'http://auto.internal', '198.51.100.2')
  demo.page.verdict(first !== undefined && first === second, `Both tried ${first}.`)
  for (const machine of demo.network.vms) {
    await demo.on(machine, 'getent ahostsv4 www.outside.example', {
      says: 'A name outside of the mesh is answered by the server of resolv.conf.',
      want: [/^203\.0\.113\.80 /m],
    })
  }
}

async function change(demo: MeshDemo): Promise<void> {
  const file = `${objects}/external-address.yaml`
  await demo.change({
    line: `sed -i s/198.51.100.1/198.51.100.2/ ${file}`,
    file,
    host: 'address.internal',
    address: '198.51.100.2',
  })
  await demo.on(demo.network.controller, 'meshdns proxy-status', {
    says: 'Both have everything, and the same: the hash of their tables is one.',
    want: [/ 192\.0\.2\.21 .* in force .* (\w{16})\n.* 192\.0\.2\.22 .* in force .* \1\n/],
  })
}

async function killController(demo: MeshDemo): Promise<void> {
  const { controller, vms } = demo.network
  const unit = demo.unitOf(controller)
  const gone = vms.map((machine) => {
    const agent = demo.unitOf(machine)
    const from = agent.text.length
    return () => agent.said(/"msg":"the controller is gone"/, from)
  })
  await demo.on(controller, `kill -9 ${unit.pid}`, { says: 'The controller is gone.', want: [] })
  await Promise.all(gone.map((wait) => wait()))
  await tryAddresses(demo, 'http://auto.internal', '198.51.100.2')
  const [, last] = vms
  if (!last) return
  const agent = demo.unitOf(last)
  await demo.on(last, `kill ${agent.pid}`, { says: `${last.name} stops, too.`, want: [] })
  await agent.ended()
  const saved = [/^.*"msg":"the saved table is in force".*$/m, answering]
  await demo.startUnit(last, agentUnit, saved)
  await demo.on(last, 'getent ahostsv4 auto.internal', {
    says: 'What it knew is on its disk, and answers.',
    want: [/^240\.240\.0\.1 /m],
  })
  await demo.on(last, `${demo.client} http://127.0.0.1:15021/healthz/ready`, {
    says: 'And it says how old that is.',
    want: [/stale/],
  })
}

async function startAgain(demo: MeshDemo): Promise<void> {
  const { controller, vms } = demo.network
  const back = vms.map((machine) => {
    const agent = demo.unitOf(machine)
    const from = agent.text.length
    return () => agent.said(inForce, from)
  })
  await demo.startUnit(controller, controllerUnit, serving)
  await Promise.all(back.map((wait) => wait()))
  const file = `${objects}/external-address.yaml`
  await demo.change({
    line: `sed -i s/198.51.100.2/198.51.100.1/ ${file}`,
    file,
    host: 'address.internal',
    address: '198.51.100.1',
  })
}

/** Connects on each machine; what each tried. */
async function tryAddresses(
  demo: MeshDemo,
  url: string,
  endpoint: string,
): Promise<readonly (string | undefined)[]> {
  const tried: (string | undefined)[] = []
  for (const machine of demo.network.vms) {
    const output = await demo.on(machine, `${demo.client} ${url}`, {
      says: `The connection is carried to ${endpoint}.`,
      want: [
        /Trying 240\.240\.\d+\.\d+:80/,
        new RegExp(`service at ${endpoint.replaceAll('.', '\\.')}\\.`),
      ],
    })
    tried.push(/Trying (\S+):80/.exec(output)?.[1])
  }
  return tried
}

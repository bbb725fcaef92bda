import { clusterNames } from '../../src/config/cluster-object-names.ts'
import {
  clusterRules,
  ownRules,
  type Rule,
} from '../../src/install/cluster/render/controller-rules.ts'
import { nodeRules } from '../../src/install/cluster/render/node-roles.ts'
import { code, page, table } from './markdown.ts'

export function rolesPage(): string {
  const names = clusterNames({ namespace: 'istio-system', revision: '' })
  const head = ['API group', 'resources', 'of the name', 'verbs', 'what for']
  const rowOf = ({ apiGroups, resources, resourceNames = [], verbs, why }: Rule) => [
    apiGroups.map((group) => (group === '' ? '(core)' : code(group))).join(', '),
    resources.map(code).join(', '),
    resourceNames.length === 0 ? 'any' : resourceNames.map(code).join(', '),
    verbs.join(', '),
    why,
  ]
  return page('Roles in a cluster', [
    'What the account of the controller, `meshdns-controller`, may do: nothing else, and nothing that it does not use. Below are the rules of an installation in `istio-system`; the names of another namespace or revision are others.',
    'The API server says the same: `kubectl auth can-i --list --as=system:serviceaccount:istio-system:meshdns-controller -n istio-system`.',
    `## In all namespaces: ClusterRole ${code(names.clusterRole)}`,
    table(head, clusterRules(names).map(rowOf)),
    `## In its own namespace: Role ${code(names.controller)}`,
    table(head, ownRules(names).map(rowOf)),
    `## Node agents: ClusterRole ${code(names.nodeRole)}`,
    'Only where there are node agents (`components.ztunnel.enabled`, as in the profile `ambient`). Their account is `meshdns-node`. On its node a node agent is root without the rights of root but three: `NET_ADMIN` to set rules, `SYS_ADMIN` to enter networks of pods, and `SYS_PTRACE` to find these, and their `resolv.conf`, by the processes of the pods.',
    table(head, nodeRules.map(rowOf)),
    '## Injected pods',
    'The agent in a pod calls no API of the cluster. It shows the controller a token of its own account, for the audience `istio-ca`, and gets a certificate for it.',
  ])
}

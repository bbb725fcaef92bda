//go:build tools

// Package programs names the programs of Kubernetes that the test cluster consists of, so that their module
// requirements are recorded in go.mod and go.sum.
package programs

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kubectl"
)

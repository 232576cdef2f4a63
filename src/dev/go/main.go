// Command langop-dev is a Kubernetes control plane in one program: the parts of Kubernetes and KWOK
// as subcommands, and `run`, which starts and watches them.
package main

import (
	"fmt"
	"os"
	_ "time/tzdata" // CronJobs name time zones, and the machine may have no zone files

	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: langop-dev run | nodes | kubectl | etcd | kube-apiserver | kube-controller-manager | kube-scheduler | kwok")
		os.Exit(2)
	}
	part := os.Args[1]
	// Each part parses os.Args by itself and takes its name from the first of them.
	os.Args = os.Args[1:]
	dieWithSupervisor()
	switch part {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "kube-scheduler":
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	case "kubectl":
		kubectl()
	case "kwok":
		os.Exit(kwok())
	case "run":
		os.Exit(run(os.Args[1:]))
	case "nodes":
		os.Exit(nodes(os.Args[1:]))
	default:
		fmt.Fprintf(os.Stderr, "langop-dev: no part named `%s`\n", part)
		os.Exit(2)
	}
}

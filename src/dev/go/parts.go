package main

// part is one process: this same program, started as one of its subcommands.
type part struct {
	name string
	args []string
}

func etcdPart(home layout, ports ports) part {
	client, peer := "https://"+loopback(ports.Etcd), "https://"+loopback(ports.EtcdPeer)
	return part{"etcd", []string{
		"--name=langop-dev",
		"--data-dir=" + home.path("etcd"),
		"--listen-client-urls=" + client,
		"--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=langop-dev=" + peer,
		// Loopback is open to every user of the machine; the database is not.
		"--client-cert-auth",
		"--trusted-ca-file=" + home.pki("ca.crt"),
		"--cert-file=" + home.pki("etcd.crt"),
		"--key-file=" + home.pki("etcd.key"),
		"--peer-client-cert-auth",
		"--peer-trusted-ca-file=" + home.pki("ca.crt"),
		"--peer-cert-file=" + home.pki("etcd.crt"),
		"--peer-key-file=" + home.pki("etcd.key"),
		// Survives the death of any process, not of the machine: enough for a cluster without real pods.
		"--unsafe-no-fsync",
		"--auto-compaction-retention=1h",
		"--log-level=warn",
	}}
}

func apiserverPart(home layout, ports ports) part {
	return part{"kube-apiserver", []string{
		"--bind-address=127.0.0.1",
		"--secure-port=" + port(ports.Server),
		// The endpoints of the `kubernetes` Service may not be loopback addresses, and nothing runs in a
		// simulated pod that could call them.
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		"--cert-dir=" + home.path("pki"),
		"--tls-cert-file=" + home.pki("kube-apiserver.crt"),
		"--tls-private-key-file=" + home.pki("kube-apiserver.key"),
		"--client-ca-file=" + home.pki("ca.crt"),
		"--anonymous-auth=false",
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		// For port-forwards: kwok answers for the kubelets of all nodes.
		"--kubelet-preferred-address-types=InternalIP",
		"--kubelet-certificate-authority=" + home.pki("ca.crt"),
		"--etcd-servers=https://" + loopback(ports.Etcd),
		"--etcd-cafile=" + home.pki("ca.crt"),
		"--etcd-certfile=" + home.pki("etcd.crt"),
		"--etcd-keyfile=" + home.pki("etcd.key"),
		"--service-cluster-ip-range=10.96.0.0/16",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + home.pki("tokens.pub"),
		"--service-account-signing-key-file=" + home.pki("tokens.key"),
		"--profiling=false",
	}}
}

// The controllers and the scheduler serve nothing: one process of each, no election, no port.

func controllerManagerPart(home layout) part {
	const name = "kube-controller-manager"
	return part{name, []string{
		"--kubeconfig=" + home.kubeconfigOf(name),
		"--secure-port=0",
		"--leader-elect=false",
		// Each controller with its own account and rights, as in a real cluster.
		"--use-service-account-credentials=true",
		"--service-account-private-key-file=" + home.pki("tokens.key"),
		"--root-ca-file=" + home.pki("ca.crt"),
		"--cluster-signing-cert-file=" + home.pki("ca.crt"),
		"--cluster-signing-key-file=" + home.pki("ca.key"),
		"--kube-api-qps=200",
		"--kube-api-burst=400",
		"--profiling=false",
	}}
}

func schedulerPart(home layout) part {
	const name = "kube-scheduler"
	return part{name, []string{
		"--kubeconfig=" + home.kubeconfigOf(name),
		"--secure-port=0",
		"--leader-elect=false",
		"--kube-api-qps=200",
		"--kube-api-burst=400",
		"--profiling=false",
	}}
}

func kwokPart(home layout, ports ports) part {
	return part{"kwok", []string{
		"--kubeconfig=" + home.kubeconfigOf("kwok"),
		"--config=" + home.path("stages.yaml"),
		"--manage-all-nodes=true",
		"--node-lease-duration-seconds=40",
		"--node-ip=127.0.0.1",
		"--node-port=" + port(ports.Kubelet),
		"--server-address=" + loopback(ports.Kubelet),
		"--tls-cert-file=" + home.pki("kubelet.crt"),
		"--tls-private-key-file=" + home.pki("kubelet.key"),
		// Where a port of a simulated pod leads; nothing of the kind that runs commands.
		"--enable-crds=ClusterPortForward",
	}}
}

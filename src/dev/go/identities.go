package main

import (
	"crypto/x509/pkix"
	"os"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// identity is who a part is to the server. The names of the built-in users are those that the server's
// own RBAC bindings know.
type identity struct {
	file    string
	subject pkix.Name
}

var (
	administrator = identity{"admin", pkix.Name{CommonName: "langop-dev-admin", Organization: []string{"system:masters"}}}
	clients       = []identity{
		{"kube-controller-manager", pkix.Name{CommonName: "system:kube-controller-manager"}},
		{"kube-scheduler", pkix.Name{CommonName: "system:kube-scheduler"}},
		// It plays every kubelet at once, which no single node's identity may.
		{"kwok", pkix.Name{CommonName: "langop-dev-kwok", Organization: []string{"system:masters"}}},
	}
	servers = []identity{
		{"kube-apiserver", pkix.Name{CommonName: "kube-apiserver"}},
		{"etcd", pkix.Name{CommonName: "etcd"}},
		{"kubelet", pkix.Name{CommonName: "kubelet"}},
	}
)

// writeIdentities makes whatever certificates, keys and kubeconfigs the parts are started with.
func writeIdentities(home layout, ports ports) error {
	ca, err := loadOrMakeAuthority(home)
	if err != nil {
		return err
	}
	if err := writeTokenKey(home); err != nil {
		return err
	}
	for _, who := range append(append([]identity{administrator}, servers...), clients...) {
		if err := ca.issue(home, who.file, who.subject); err != nil {
			return err
		}
	}
	for _, who := range clients {
		if err := writeKubeconfig(home, home.kubeconfigOf(who.file), who, ports); err != nil {
			return err
		}
	}
	return writeKubeconfig(home, home.kubeconfig(), administrator, ports)
}

// writeKubeconfig carries the certificates inside, so that the file can be copied.
func writeKubeconfig(home layout, path string, who identity, ports ports) error {
	ca, err := os.ReadFile(home.pki("ca.crt"))
	if err != nil {
		return err
	}
	certificate, err := os.ReadFile(home.pki(who.file + ".crt"))
	if err != nil {
		return err
	}
	key, err := os.ReadFile(home.pki(who.file + ".key"))
	if err != nil {
		return err
	}
	const name = "langop-dev"
	config := clientcmdapi.NewConfig()
	config.Clusters[name] = &clientcmdapi.Cluster{Server: ports.url(), CertificateAuthorityData: ca}
	config.AuthInfos[name] = &clientcmdapi.AuthInfo{ClientCertificateData: certificate, ClientKeyData: key}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	config.CurrentContext = name
	text, err := clientcmd.Write(*config)
	if err != nil {
		return err
	}
	return writeWhole(path, text)
}

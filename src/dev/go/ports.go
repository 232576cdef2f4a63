package main

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"strconv"
	"time"
)

// ports are those that something listens on; all of them on 127.0.0.1.
type ports struct {
	Server   int `json:"kube-apiserver"`
	Etcd     int `json:"etcd"`
	EtcdPeer int `json:"etcd-peer"`
	// Kubelet is that of all simulated nodes.
	Kubelet int `json:"kubelet"`
}

func (p ports) url() string { return "https://" + loopback(p.Server) }

func port(number int) string { return strconv.Itoa(number) }

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// choosePorts prefers those of the last run, so that a kubeconfig copied elsewhere survives a restart.
func choosePorts(home layout) (ports, error) {
	var last ports
	if text, err := os.ReadFile(home.path("ports.json")); err == nil {
		// A damaged file only means that the ports are new ones.
		_ = json.Unmarshal(text, &last)
	}
	var held []net.Listener
	defer func() {
		for _, listener := range held {
			_ = listener.Close()
		}
	}()
	choose := func(wish int) (int, error) {
		listener, err := listen(wish)
		if err != nil {
			return 0, err
		}
		// Held until all are chosen, or the same port would be given out twice.
		held = append(held, listener)
		return listener.Addr().(*net.TCPAddr).Port, nil
	}
	server, err1 := choose(last.Server)
	etcd, err2 := choose(last.Etcd)
	peer, err3 := choose(last.EtcdPeer)
	kubelet, err4 := choose(last.Kubelet)
	chosen := ports{Server: server, Etcd: etcd, EtcdPeer: peer, Kubelet: kubelet}
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return chosen, err
	}
	return chosen, writeJSON(home.path("ports.json"), chosen)
}

// listen takes the wished port, or any when that one stays busy: the parts of a killed supervisor may
// need a moment to go.
func listen(wish int) (net.Listener, error) {
	for try := 0; wish != 0 && try < 10; try++ {
		if listener, err := net.Listen("tcp", loopback(wish)); err == nil {
			return listener, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return net.Listen("tcp", loopback(0))
}

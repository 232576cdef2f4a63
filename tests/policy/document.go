package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// document is everything that a question needs to be answered.
type document struct {
	Namespaces []namespace `json:"namespaces"`
	Pods       []pod       `json:"pods"`
	// As the API server stored them.
	NetworkPolicies                  []json.RawMessage `json:"networkPolicies"`
	CiliumNetworkPolicies            []json.RawMessage `json:"ciliumNetworkPolicies"`
	CiliumClusterwideNetworkPolicies []json.RawMessage `json:"ciliumClusterwideNetworkPolicies"`
	Questions                        []question        `json:"questions"`
}

type namespace struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels"`
}

type pod struct {
	Namespace string            `json:"namespace"`
	Name      string            `json:"name"`
	Labels    map[string]string `json:"labels"`
	IPs       []string          `json:"ips"`
	Ports     []namedPort       `json:"ports"`
}

type namedPort struct {
	Name     string        `json:"name"`
	Port     int           `json:"port"`
	Protocol core.Protocol `json:"protocol"`
}

type question struct {
	// cyclonus (the NetworkPolicies of Kubernetes alone) or cilium (both kinds, and DNS).
	Engine   string             `json:"engine"`
	From     end                `json:"from"`
	To       end                `json:"to"`
	Port     intstr.IntOrString `json:"port"`
	Protocol core.Protocol      `json:"protocol"`
}

// end is a pod as `namespace/name`, an address, or a host name with the address it has.
type end struct {
	Pod string `json:"pod,omitempty"`
	IP  string `json:"ip,omitempty"`
	DNS string `json:"dns,omitempty"`
}

type answer struct {
	Allowed bool `json:"allowed"`
	// The direction that refused: egress of the one that connects, ingress of the other.
	Direction string `json:"direction,omitempty"`
	// The policies that decided, or why.
	By []string `json:"by,omitempty"`
}

// traffic is a question with its ends looked up.
type traffic struct {
	from, to place
	port     int
	portName string
	protocol core.Protocol
}

// place is a pod and one of its addresses, or an address outside, or a name and its address.
type place struct {
	pod *pod
	ip  string
	dns string
}

func reach(input io.Reader) ([]answer, error) {
	var doc document
	if err := read(input, &doc); err != nil {
		return nil, err
	}
	engines := map[string]func(traffic) (answer, error){}
	answers := []answer{}
	for number, asked := range doc.Questions {
		given, err := doc.ask(engines, asked)
		if err != nil {
			return nil, fmt.Errorf("question %d: %w", number, err)
		}
		answers = append(answers, given)
	}
	return answers, nil
}

func (doc *document) ask(engines map[string]func(traffic) (answer, error), asked question) (answer, error) {
	engine, known := engines[asked.Engine]
	if !known {
		var err error
		switch asked.Engine {
		case "cyclonus":
			engine, err = cyclonus(doc)
		case "cilium":
			engine, err = cilium(doc)
		default:
			err = fmt.Errorf("no such engine: %q", asked.Engine)
		}
		if err != nil {
			return answer{}, err
		}
		engines[asked.Engine] = engine
	}
	flow, err := doc.traffic(asked)
	if err != nil {
		return answer{}, err
	}
	return engine(flow)
}

func (doc *document) traffic(asked question) (traffic, error) {
	to, err := doc.place(asked.To, "")
	if err != nil {
		return traffic{}, err
	}
	// Both ends of a connection are of one family.
	from, err := doc.place(asked.From, to.ip)
	if err != nil {
		return traffic{}, err
	}
	if from.dns != "" {
		return traffic{}, fmt.Errorf("a name does not connect")
	}
	flow := traffic{from: from, to: to, protocol: asked.Protocol, port: asked.Port.IntValue()}
	if to.pod == nil {
		return flow, nil
	}
	for _, port := range to.pod.Ports {
		named := asked.Port.Type == intstr.String && port.Name == asked.Port.StrVal
		if port.Protocol == asked.Protocol && (named || port.Port == flow.port) {
			flow.port, flow.portName = port.Port, port.Name
			return flow, nil
		}
	}
	if asked.Port.Type == intstr.String {
		return traffic{}, fmt.Errorf("%s has no port %s", asked.To.Pod, asked.Port.StrVal)
	}
	return flow, nil
}

func (doc *document) place(end end, like string) (place, error) {
	if end.Pod == "" {
		if end.IP == "" {
			return place{}, fmt.Errorf("an end without an address")
		}
		return place{ip: end.IP, dns: end.DNS}, nil
	}
	for index := range doc.Pods {
		pod := &doc.Pods[index]
		if pod.Namespace+"/"+pod.Name == end.Pod {
			return place{pod: pod, ip: pod.address(end.IP, like)}, nil
		}
	}
	return place{}, fmt.Errorf("no such pod: %s", end.Pod)
}

// address is the one that is asked for, or the pod's first of the family of another address.
func (pod *pod) address(wanted, like string) string {
	if wanted != "" {
		return wanted
	}
	for _, ip := range pod.IPs {
		if like == "" || strings.Contains(ip, ":") == strings.Contains(like, ":") {
			return ip
		}
	}
	return pod.IPs[0]
}

func (doc *document) namespace(name string) namespace {
	for _, one := range doc.Namespaces {
		if one.Name == name {
			return one
		}
	}
	return namespace{Name: name}
}

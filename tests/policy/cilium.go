package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"sync"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	"github.com/cilium/cilium/pkg/k8s"
	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	slim "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	k8sutils "github.com/cilium/cilium/pkg/k8s/utils"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/policy/types"
	policyutils "github.com/cilium/cilium/pkg/policy/utils"
	testidentity "github.com/cilium/cilium/pkg/testutils/identity"
	testpolicy "github.com/cilium/cilium/pkg/testutils/policy"
	ciliumtypes "github.com/cilium/cilium/pkg/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

const clusterName = "default"

// agent is what Cilium's agent on a node holds: all policies, and the identities of what it has seen.
type agent struct {
	doc        *document
	repository *policy.Repository
	manager    identitymanager.IDManager
	pods       map[*pod]*identity.Identity
	// The host names that policies name.
	names []*api.FQDNSelector
	next  identity.NumericIdentity
}

// cilium answers by both kinds of policies, as Cilium enforces them.
func cilium(doc *document) (func(traffic) (answer, error), error) {
	option.Config.EnableIPv4, option.Config.EnableIPv6 = true, true
	option.Config.EnableL7Proxy = true
	policy.SetPolicyEnabled(option.DefaultEnforcement)
	manager := identitymanager.NewIDManager(quiet)
	repository := policy.NewPolicyRepository(quiet, nil, nil, nil, manager, testpolicy.NewPolicyMetricsNoop())
	repository.GetSelectorCache().SetLocalIdentityNotifier(testidentity.NewDummyIdentityNotifier())
	manager.Subscribe(testpolicy.SelectorCacheObserver{Cache: repository.GetSubjectSelectorCache()})
	agent := &agent{doc: doc, repository: repository, manager: manager, pods: map[*pod]*identity.Identity{}, next: 1000}
	for index := range doc.Pods {
		one := &doc.Pods[index]
		agent.pods[one] = agent.learn(agent.next, agent.podLabels(one))
	}
	ports, err := agent.namedPorts()
	if err != nil {
		return nil, err
	}
	repository.SetNamedPortsGetter(ports)
	entries, err := entries(doc)
	if err != nil {
		return nil, err
	}
	repository.MustAddPolicyEntries(entries)
	for _, entry := range entries {
		for _, selector := range entry.L3 {
			if name, is := selector.GetFQDNSelector(); is {
				agent.names = append(agent.names, name)
			}
		}
	}
	return agent.judge, nil
}

func entries(doc *document) (types.PolicyEntries, error) {
	var all types.PolicyEntries
	for _, raw := range doc.NetworkPolicies {
		written := &slim.NetworkPolicy{}
		if err := json.Unmarshal(raw, written); err != nil {
			return nil, err
		}
		entries, err := k8s.ParseNetworkPolicy(quiet, clusterName, written)
		if err != nil {
			return nil, fmt.Errorf("NetworkPolicy/%s: %w", written.Name, err)
		}
		all = append(all, entries...)
	}
	for _, raw := range doc.CiliumNetworkPolicies {
		written := &ciliumv2.CiliumNetworkPolicy{}
		if err := json.Unmarshal(raw, written); err != nil {
			return nil, err
		}
		rules, err := written.Parse(quiet, clusterName)
		if err != nil {
			return nil, fmt.Errorf("CiliumNetworkPolicy/%s: %w", written.Name, err)
		}
		all = append(all, policyutils.RulesToPolicyEntries(rules)...)
	}
	for _, raw := range doc.CiliumClusterwideNetworkPolicies {
		written := &ciliumv2.CiliumClusterwideNetworkPolicy{}
		if err := json.Unmarshal(raw, written); err != nil {
			return nil, err
		}
		rules, err := written.Parse(quiet, clusterName)
		if err != nil {
			return nil, fmt.Errorf("CiliumClusterwideNetworkPolicy/%s: %w", written.Name, err)
		}
		all = append(all, policyutils.RulesToPolicyEntries(rules)...)
	}
	return all, nil
}

func (agent *agent) podLabels(pod *pod) labels.Labels {
	namespace := agent.doc.namespace(pod.Namespace)
	written := k8sutils.SanitizePodLabels(pod.Labels, namespace, "", clusterName)
	return labels.Map2Labels(written, labels.LabelSourceK8s)
}

// ports are the named ports of all pods that the agent has heard of.
type ports struct{ all ciliumtypes.NamedPortMultiMap }

// GetNamedPorts is what Cilium asks for the ports behind a name in an egress rule.
func (ports ports) GetNamedPorts() ciliumtypes.NamedPortMultiMap { return ports.all }

func (agent *agent) namedPorts() (ports, error) {
	all := ciliumtypes.NewNamedPortMultiMap()
	for pod, identity := range agent.pods {
		named := ciliumtypes.NamedPortMap{}
		for _, port := range pod.Ports {
			if err := named.AddPort(port.Name, port.Port, string(port.Protocol)); err != nil {
				return ports{}, err
			}
		}
		all.Update(identity.ID, nil, named)
	}
	return ports{all}, nil
}

// GetName and GetLabels are what Cilium asks of a namespace.
func (namespace namespace) GetName() string              { return namespace.Name }
func (namespace namespace) GetLabels() map[string]string { return namespace.Labels }

// learn makes an identity known, before or after the policies.
func (agent *agent) learn(number identity.NumericIdentity, set labels.Labels) *identity.Identity {
	one := identity.NewIdentity(number, set)
	known := identity.IdentityMap{one.ID: one.LabelArray}
	agent.repository.GetSelectorCache().UpdateIdentities(known, nil, &sync.WaitGroup{})
	agent.next++
	return one
}

// identity is a pod's, or one of this node for an address outside, with the names that it is known by.
func (agent *agent) identity(place place, learned []labels.Label) (*identity.Identity, error) {
	if place.pod != nil {
		return agent.pods[place.pod], nil
	}
	address, err := netip.ParseAddr(place.ip)
	if err != nil {
		return nil, err
	}
	set := labels.GetCIDRLabels(netip.PrefixFrom(address, address.BitLen()))
	for _, name := range learned {
		set[name.Key] = name
	}
	return agent.learn(identity.IdentityScopeLocal|agent.next, set), nil
}

func (agent *agent) judge(flow traffic) (answer, error) {
	var learned []labels.Label
	if flow.to.dns != "" {
		var err error
		if learned, err = agent.resolve(flow.from, flow.to.dns); err != nil {
			return answer{}, err
		}
	}
	from, err := agent.identity(flow.from, nil)
	if err != nil {
		return answer{}, err
	}
	to, err := agent.identity(flow.to, learned)
	if err != nil {
		return answer{}, err
	}
	return agent.look(flow, from, to)
}

func (agent *agent) look(flow traffic, from, to *identity.Identity) (answer, error) {
	protocol, err := u8proto.ParseProtocol(string(flow.protocol))
	if err != nil {
		return answer{}, err
	}
	tcp, udp := map[string]uint16{}, map[string]uint16{}
	switch {
	case flow.portName != "" && protocol == u8proto.TCP:
		tcp[flow.portName] = uint16(flow.port)
	case flow.portName != "" && protocol == u8proto.UDP:
		udp[flow.portName] = uint16(flow.port)
	}
	asked := types.Flow{From: from, To: to, Proto: protocol, Dport: uint16(flow.port), NamedPortsTCP: tcp, NamedPortsUDP: udp}
	result, _, _, err := policy.LookupFlow(quiet, agent.repository, agent.manager, asked)
	if err != nil {
		return answer{}, err
	}
	switch {
	// Nobody outside is held back, and nobody there keeps a door.
	case flow.from.pod != nil && result.Egress == types.DecisionDenied:
		return answer{Direction: "egress"}, nil
	case flow.to.pod != nil && result.Ingress == types.DecisionDenied:
		return answer{Direction: "ingress"}, nil
	}
	return answer{Allowed: true}, nil
}

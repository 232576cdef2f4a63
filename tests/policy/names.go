package main

import (
	"fmt"
	"math"

	"github.com/cilium/cilium/pkg/fqdn/dns"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/u8proto"
)

// resolverPort is where name resolution listens.
const resolverPort = 53

// resolve asks the resolver for a name on behalf of a pod. Cilium learns a name from the answers that pass
// its proxy, and from nothing else: what is returned are the labels that the address of the name then
// carries, one for each `toFQDNs` selector that the name matches.
func (agent *agent) resolve(from place, name string) ([]labels.Label, error) {
	if from.pod == nil {
		return nil, nil
	}
	resolver := agent.resolver()
	if resolver == nil {
		return nil, fmt.Errorf("no pod with k8s-app=kube-dns in kube-system")
	}
	asked := traffic{from: from, to: place{pod: resolver, ip: resolver.IPs[0]}, port: resolverPort, protocol: "UDP"}
	allowed, err := agent.look(asked, agent.pods[from.pod], agent.pods[resolver])
	if err != nil || !allowed.Allowed {
		return nil, err
	}
	seen, err := agent.passesProxy(from.pod, resolver, dns.FQDN(name))
	if err != nil || !seen {
		return nil, err
	}
	return agent.labelsOf(dns.FQDN(name))
}

func (agent *agent) resolver() *pod {
	for index := range agent.doc.Pods {
		one := &agent.doc.Pods[index]
		if one.Namespace == "kube-system" && one.Labels["k8s-app"] == "kube-dns" {
			return one
		}
	}
	return nil
}

// passesProxy tells whether the policy of a pod sends its requests to the resolver through the DNS proxy,
// and whether the rules there let the name through.
func (agent *agent) passesProxy(from, resolver *pod, name string) (bool, error) {
	// The repository computes for the endpoints of its node.
	agent.manager.Add(agent.pods[from])
	defer agent.manager.Remove(agent.pods[from])
	selected, _, err := agent.repository.ComputeSelectorPolicy(agent.pods[from])
	if err != nil {
		return false, err
	}
	distilled := selected.DistillPolicy(quiet, owner{}, map[string]uint16{policy.FallbackRedirectID: math.MaxUint16})
	distilled.Ready()
	defer distilled.Detach(quiet)
	number := agent.pods[resolver].ID
	for _, tier := range distilled.SelectorPolicy.L4Policy.Egress.PortRules {
		filter := tier.ExactLookupPortNum(resolverPort, 0, u8proto.UDP)
		if filter == nil {
			continue
		}
		for selector, rules := range filter.PerSelectorPolicies {
			if rules == nil || !selector.Selects(number) {
				continue
			}
			for _, rule := range rules.DNS {
				selector := api.FQDNSelector(rule)
				if matches, err := matches(&selector, name); err != nil || matches {
					return matches, err
				}
			}
		}
	}
	return false, nil
}

// labelsOf are the labels of an address that a name is known to have.
func (agent *agent) labelsOf(name string) ([]labels.Label, error) {
	var known []labels.Label
	for _, selector := range agent.names {
		matches, err := matches(selector, name)
		if err != nil {
			return nil, err
		}
		if matches {
			known = append(known, selector.IdentityLabel())
		}
	}
	return known, nil
}

func matches(selector *api.FQDNSelector, name string) (bool, error) {
	pattern, err := selector.ToRegex()
	if err != nil {
		return false, err
	}
	return pattern.MatchString(name), nil
}

// owner is an endpoint without ports of its own.
type owner struct{ policy.PolicyOwner }

func (owner) GetID() uint64                                      { return 1 }
func (owner) GetIngressNamedPort(string, u8proto.U8proto) uint16 { return 0 }
func (owner) PolicyDebug(string, ...any)                         {}
func (owner) IsHost() bool                                       { return false }
func (owner) PreviousMapStateSizes() policy.MapStateSizes        { return policy.MapStateSizes{} }

package main

import (
	"encoding/json"
	"slices"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	networking "k8s.io/api/networking/v1"
)

// cyclonus answers by the policies of Kubernetes alone.
func cyclonus(doc *document) (func(traffic) (answer, error), error) {
	var policies []*networking.NetworkPolicy
	for _, raw := range doc.NetworkPolicies {
		policy := &networking.NetworkPolicy{}
		if err := json.Unmarshal(raw, policy); err != nil {
			return nil, err
		}
		policies = append(policies, policy)
	}
	engine := matcher.BuildNetworkPolicies(false, policies)
	return func(flow traffic) (answer, error) {
		result := engine.IsTrafficAllowed(&matcher.Traffic{
			Source:           doc.peer(flow.from),
			Destination:      doc.peer(flow.to),
			ResolvedPort:     flow.port,
			ResolvedPortName: flow.portName,
			Protocol:         flow.protocol,
		})
		return judged(result), nil
	}, nil
}

func (doc *document) peer(place place) *matcher.TrafficPeer {
	peer := &matcher.TrafficPeer{IP: place.ip}
	if pod := place.pod; pod != nil {
		peer.Internal = &matcher.InternalPeer{
			PodLabels:       pod.Labels,
			NamespaceLabels: doc.namespace(pod.Namespace).Labels,
			Namespace:       pod.Namespace,
		}
	}
	return peer
}

func judged(result *matcher.AllowedResult) answer {
	switch {
	case !result.Egress.IsAllowed():
		return answer{Direction: "egress", By: names(result.Egress.DenyingTargets)}
	case !result.Ingress.IsAllowed():
		return answer{Direction: "ingress", By: names(result.Ingress.DenyingTargets)}
	}
	allowing := slices.Concat(result.Egress.AllowingTargets, result.Ingress.AllowingTargets)
	return answer{Allowed: true, By: names(allowing)}
}

func names(targets []*matcher.Target) []string {
	var names []string
	for _, target := range targets {
		for _, rule := range target.SourceRules {
			names = append(names, rule.Namespace+"/"+rule.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

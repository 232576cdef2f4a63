package main

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/cilium/cilium/pkg/k8s/apis/cilium.io/client"
	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// verdict is what Cilium's parser makes of one policy.
type verdict struct {
	Name  string `json:"name"`
	Rules int    `json:"rules"`
	Error string `json:"error,omitempty"`
}

func sanitize(input io.Reader) ([]verdict, error) {
	var all []json.RawMessage
	if err := read(input, &all); err != nil {
		return nil, err
	}
	verdicts := []verdict{}
	for _, raw := range all {
		verdicts = append(verdicts, sanitized(raw))
	}
	return verdicts, nil
}

// sanitized is strict about fields too: what Cilium does not know it would drop in silence.
func sanitized(raw json.RawMessage) verdict {
	policy := &ciliumv2.CiliumNetworkPolicy{}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(policy); err != nil {
		return verdict{Error: err.Error()}
	}
	rules, err := policy.Parse(quiet, clusterName)
	if err != nil {
		return verdict{Name: policy.Name, Error: err.Error()}
	}
	return verdict{Name: policy.Name, Rules: len(rules)}
}

// crds are all that Cilium's operator installs.
func crds() []apiextensions.CustomResourceDefinition {
	var all []apiextensions.CustomResourceDefinition
	for _, listed := range client.CustomResourceDefinitionList() {
		crd := client.GetPregeneratedCRD(quiet, listed.Name)
		// Cilium's operator writes these two itself, its YAML carries neither.
		crd.APIVersion, crd.Kind = "apiextensions.k8s.io/v1", "CustomResourceDefinition"
		all = append(all, crd)
	}
	slices.SortFunc(all, func(a, b apiextensions.CustomResourceDefinition) int {
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

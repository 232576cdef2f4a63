// Judges network policies with other people's engines, for langop's tests.
//
//	policy reach     a document of pods, policies and questions on stdin, an answer to each on stdout
//	policy sanitize  CiliumNetworkPolicies on stdin, what Cilium's own parser says of each on stdout
//	policy crds      the custom resources that Cilium installs
//
// It knows nothing of langop, and decides nothing about policies itself.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
)

// quiet is what Cilium logs to: its complaints come back as errors too.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("one of `reach`, `sanitize`, `crds` is wanted"))
	}
	var answer any
	var err error
	switch os.Args[1] {
	case "reach":
		answer, err = reach(os.Stdin)
	case "sanitize":
		answer, err = sanitize(os.Stdin)
	case "crds":
		answer = crds()
	default:
		err = fmt.Errorf("no such command: %s", os.Args[1])
	}
	if err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// read decodes all of the input and refuses what it does not know.
func read(input io.Reader, into any) error {
	decoder := json.NewDecoder(input)
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"k8s.io/component-base/version"
)

// state tells langop what runs here. It exists only while all of it is ready to use.
type state struct {
	Version    int            `json:"version"`
	Sources    string         `json:"sources"`
	Kubernetes string         `json:"kubernetes"`
	URL        string         `json:"url"`
	Kubeconfig string         `json:"kubeconfig"`
	Started    time.Time      `json:"started"`
	Supervisor int            `json:"supervisor"`
	Processes  map[string]int `json:"processes"`
	Ports      ports          `json:"ports"`
}

func newState(home layout, ports ports, s settings, f *family) state {
	processes := map[string]int{}
	for _, m := range f.members {
		processes[m.part.name] = m.cmd.Process.Pid
	}
	return state{
		Version:    1,
		Sources:    s.sources,
		Kubernetes: version.Get().GitVersion,
		URL:        ports.url(),
		Kubeconfig: home.kubeconfig(),
		Started:    time.Now().UTC().Truncate(time.Second),
		Supervisor: os.Getpid(),
		Processes:  processes,
		Ports:      ports,
	}
}

func (l layout) writeState(s state) error { return writeJSON(l.path("state.json"), s) }

// forget removes the state and the last end: from now on nothing here is ready to use.
func (l layout) forget() error {
	for _, name := range []string{"state.json", "end.json"} {
		if err := os.Remove(l.path(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// writeEnd says why the control plane is no more, for the next `langop dev`.
func (l layout) writeEnd(err error) error {
	return writeJSON(l.path("end.json"), map[string]any{
		"version": 1,
		"reason":  err.Error(),
		"failed":  !errors.Is(err, errStopped) && !errors.Is(err, errCallerGone),
		"at":      time.Now().UTC().Truncate(time.Second),
	})
}

func writeJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(path, append(text, '\n'))
}

// writeWhole makes a file appear with all of its content, readable by its owner only.
func writeWhole(path string, text []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(text)
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temporary.Name())
	}
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// lifelineEnv marks a process as a part. Its file descriptor 3 is then the read end of a pipe whose other
// end only the supervisor holds; it ends when the supervisor does, on every system that has pipes.
const lifelineEnv = "LANGOP_DEV_LIFELINE"

// family is the set of running parts.
type family struct {
	home     layout
	program  string
	lifeline *os.File
	kept     *os.File
	members  []*member
	end      context.CancelCauseFunc
}

type member struct {
	part part
	cmd  *exec.Cmd
	done chan struct{}
}

func newFamily(home layout, end context.CancelCauseFunc) (*family, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &family{home: home, program: program, lifeline: read, kept: write, end: end}, nil
}

// start must be called on the supervisor's main thread; see supervise.
func (f *family) start(p part) error {
	path := f.home.log(p.name)
	// What the last run said is often what is asked for after a crash.
	if err := os.Rename(path, path+".previous"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(f.program, append([]string{p.name}, p.args...)...)
	cmd.Dir = f.home.path()
	cmd.Env = environment()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.ExtraFiles = []*os.File{f.lifeline}
	cmd.SysProcAttr = attributes()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("`%s` did not start: %w", p.name, err)
	}
	log.Printf("started `%s`, process %d", p.name, cmd.Process.Pid)
	m := &member{p, cmd, make(chan struct{})}
	f.members = append(f.members, m)
	go func() {
		_ = cmd.Wait()
		close(m.done)
		f.end(fmt.Errorf("`%s` ended (%s); its log is `%s`", p.name, cmd.ProcessState, path))
	}()
	return nil
}

// environment leaves out what would make a part talk to another cluster or behave in another way than
// its arguments say.
func environment() []string {
	env := []string{lifelineEnv + "=3"}
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if name == "KUBECONFIG" || strings.HasPrefix(name, "ETCD_") || strings.HasPrefix(name, "KWOK_") || strings.HasSuffix(strings.ToLower(name), "_proxy") {
			continue
		}
		env = append(env, entry)
	}
	return env
}

// stop ends all parts. Only the database has something to finish; the others keep nothing, and would
// spend seconds on waiting for watches to close.
func (f *family) stop() {
	for i := len(f.members) - 1; i >= 0; i-- {
		m := f.members[i]
		how := syscall.SIGKILL
		if m.part.name == "etcd" {
			how = syscall.SIGTERM
		}
		_ = m.cmd.Process.Signal(how)
	}
	for _, m := range f.members {
		select {
		case <-m.done:
		case <-time.After(5 * time.Second):
			_ = m.cmd.Process.Kill()
			<-m.done
		}
	}
}

// dieWithSupervisor makes a part end when the supervisor ends, even when that was killed.
func dieWithSupervisor() {
	if os.Getenv(lifelineEnv) == "" {
		return
	}
	lifeline := os.NewFile(3, "lifeline")
	go func() {
		_, _ = lifeline.Read(make([]byte, 1))
		os.Exit(1)
	}()
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// settings are what the caller of `run` may choose.
type settings struct {
	dir       string
	sources   string
	nodes     int
	caller    int
	temporary bool
	readiness time.Duration
}

// run starts every part, tells the caller through the state file when all of it is ready, and waits for
// the first reason to end. It restarts nothing: a part that dies takes the rest with it, and the next
// `langop dev up` starts from what etcd has.
func run(args []string) int {
	var s settings
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.StringVar(&s.dir, "dir", "", "directory of data, certificates, logs and state")
	flags.StringVar(&s.sources, "sources", "", "hash of the sources this program was built from; written into the state")
	flags.IntVar(&s.nodes, "nodes", 0, "number of simulated nodes; 0 keeps those that there are, at least one")
	flags.IntVar(&s.caller, "for", 0, "end when the process with this id ends")
	flags.BoolVar(&s.temporary, "temporary", false, "delete the directory when the process of --for ends")
	flags.DurationVar(&s.readiness, "ready-within", 2*time.Minute, "end when not ready by then")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if s.dir == "" {
		fmt.Fprintln(os.Stderr, "langop-dev run: --dir is needed")
		return 2
	}
	log.SetFlags(log.LstdFlags | log.Lmicroseconds)
	if err := supervise(s); err != nil {
		log.Printf("ended: %v", err)
		return 1
	}
	return 0
}

// errStopped is the end that the user asked for.
var errStopped = errors.New("asked to stop")

func supervise(s settings) error {
	// The kernel ties the parts' lives to the thread that started them, so that thread must stay.
	runtime.LockOSThread()
	// Certificates, keys and the database are nobody else's business.
	syscall.Umask(0o077)
	// It must outlive the terminal that it was started from.
	signal.Ignore(syscall.SIGHUP)
	// Whatever ends first, a part, a caller or a signal, is the cause; the rest follows.
	ctx, end := context.WithCancelCause(context.Background())
	watchSignals(end)
	watchCaller(s.caller, end)

	dir, err := filepath.Abs(s.dir)
	if err != nil {
		return err
	}
	home := layout(dir)
	if err := claim(home); err != nil {
		return err
	}
	here, err := os.Stat(dir)
	if err != nil {
		return err
	}
	watchDirectory(home, here, end)
	family, err := newFamily(home, end)
	if err != nil {
		return err
	}
	soon, cancel := context.WithTimeoutCause(ctx, s.readiness, fmt.Errorf("not ready within %s", s.readiness))
	err = start(soon, home, family, s)
	switch {
	case err == nil:
		<-ctx.Done()
		err = context.Cause(ctx)
	case soon.Err() != nil:
		err = context.Cause(soon)
	}
	cancel()
	// After a move, what stands under the old name is not ours to change.
	if !home.is(here) {
		family.stop()
		return errMoved
	}
	// The state goes first: whoever still finds it may rely on what it names.
	kept := errors.Join(home.forget(), home.writeEnd(err))
	family.stop()
	if s.temporary && errors.Is(err, errCallerGone) {
		kept = os.RemoveAll(dir)
	}
	if errors.Is(err, errStopped) || errors.Is(err, errCallerGone) {
		log.Print(err)
		err = nil
	}
	return errors.Join(err, kept)
}

// errMoved ends a control plane whose directory is not where it was any more: its parts look for files under
// the old name, where those of another control plane may be by now.
var errMoved = errors.New("its directory was moved or removed")

func watchDirectory(home layout, here os.FileInfo, end context.CancelCauseFunc) {
	go func() {
		for home.is(here) {
			time.Sleep(500 * time.Millisecond)
		}
		end(errMoved)
	}()
}

func watchSignals(end context.CancelCauseFunc) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-asked
		end(errStopped)
	}()
}

func start(ctx context.Context, home layout, family *family, s settings) error {
	began := time.Now()
	ports, err := choosePorts(home)
	if err != nil {
		return err
	}
	if err := writeIdentities(home, ports); err != nil {
		return fmt.Errorf("certificates: %w", err)
	}
	// The server waits for its database by itself.
	for _, part := range []part{etcdPart(home, ports), apiserverPart(home, ports)} {
		if err := family.start(part); err != nil {
			return err
		}
	}
	client, err := home.client()
	if err != nil {
		return err
	}
	if err := waitForServer(ctx, client); err != nil {
		return err
	}
	log.Printf("server ready after %s", time.Since(began).Round(time.Millisecond))
	if err := writeStages(home); err != nil {
		return err
	}
	for _, part := range []part{controllerManagerPart(home), schedulerPart(home)} {
		if err := family.start(part); err != nil {
			return err
		}
	}
	if err := offerForwards(ctx, client); err != nil {
		return fmt.Errorf("port-forwards: %w", err)
	}
	if err := family.start(kwokPart(home, ports)); err != nil {
		return err
	}
	if err := offerStorage(ctx, client); err != nil {
		return fmt.Errorf("storage class: %w", err)
	}
	if err := settleNodes(ctx, client, s.nodes); err != nil {
		return err
	}
	if err := tellKubelet(ctx, client, ports.Kubelet); err != nil {
		return fmt.Errorf("nodes: %w", err)
	}
	log.Printf("ready after %s", time.Since(began).Round(time.Millisecond))
	return home.writeState(newState(home, ports, s, family))
}

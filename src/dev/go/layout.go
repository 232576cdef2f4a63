package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// layout is the directory of one control plane and the names of what is in it.
type layout string

func (l layout) path(parts ...string) string {
	return filepath.Join(append([]string{string(l)}, parts...)...)
}

func (l layout) pki(name string) string          { return l.path("pki", name) }
func (l layout) log(part string) string          { return l.path("logs", part+".log") }
func (l layout) kubeconfigOf(part string) string { return l.path("pki", part+".kubeconfig") }

// kubeconfig is the administrator's, the one that langop and its user use.
func (l layout) kubeconfig() string { return l.path("kubeconfig") }

// is says whether the directory under this name is still the one that it was.
func (l layout) is(here os.FileInfo) bool {
	now, err := os.Stat(l.path())
	return err == nil && os.SameFile(here, now)
}

// claim makes the directory and takes its lock for as long as this process lives. The lock, not a process
// id, is what says that a supervisor is alive: the kernel drops it however the process ends.
func claim(l layout) error {
	for _, dir := range []string{l.path(), l.path("pki"), l.path("logs"), l.path("etcd")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := os.Chmod(dir, 0o700); err != nil {
			return err
		}
	}
	lock, err := os.OpenFile(l.path("supervisor.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	// Someone who only looks whether a supervisor is alive holds the lock for a moment, too.
	for try := 0; syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil; try++ {
		if try == 20 {
			return fmt.Errorf("another supervisor runs in `%s`", l)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := lock.Truncate(0); err != nil {
		return err
	}
	if _, err := lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return err
	}
	claimed = lock
	return l.forget()
}

// claimed keeps the lock's file from being closed by the garbage collector.
var claimed *os.File

func (l layout) client() (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", l.kubeconfig())
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	return kubernetes.NewForConfig(config)
}

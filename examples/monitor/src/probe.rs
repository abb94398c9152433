//! Reads the machine. Everything here may block: it belongs on a thread.
//!
//! What a system does not know, or does not tell, is left out; nothing fails for
//! it, so that an odd machine still gets the rest of the page.

use std::collections::BTreeMap;
use std::fs;
use std::time::Instant;

use sysinfo::{Disks, MINIMUM_CPU_UPDATE_INTERVAL, Networks, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::model::{Machine, Process, Processes, Sample, Usage};

/// So many processes are sent, of which the first ones are the busiest.
const ROWS: usize = 100;
const BUSIEST: usize = 40;

/// Below this it is no disk but a mount of some service.
const SMALLEST_DISK: u64 = 16 << 20;

pub struct Probe {
    system: System,
    disks: Option<Disks>,
    networks: Option<Networks>,
    networks_read: Instant,
}

impl Probe {
    /// Starts to measure. Takes a moment: loads and rates are differences, and
    /// need a beginning.
    pub fn new() -> Result<Self, sysinfo::Error> {
        let mut probe = Self {
            system: System::new()?,
            disks: Disks::new().ok(),
            networks: Networks::new_with_refreshed_list().ok(),
            networks_read: Instant::now(),
        };
        probe.system.refresh_cpu_all();
        probe.refresh_processes();
        std::thread::sleep(MINIMUM_CPU_UPDATE_INTERVAL);
        Ok(probe)
    }

    /// What changes every second, since the last call.
    pub fn sample(&mut self) -> Sample {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        let (received, sent) = self.rates();
        Sample {
            cpu: one_decimal(self.system.global_cpu_usage()),
            cores: self.system.cpus().iter().map(|core| core.usage().round().clamp(0.0, 100.0) as u8).collect(),
            memory: coarse(self.memory().used),
            received: coarse(received),
            sent: coarse(sent),
        }
    }

    /// What changes now and then.
    pub fn machine(&mut self) -> Machine {
        if let Some(disks) = &mut self.disks {
            disks.refresh(true);
        }
        let swap = self.system.total_swap();
        let load = System::load_average().ok();
        Machine {
            host: System::host_name().unwrap_or_else(|_| "This computer".into()),
            system: System::long_os_version().unwrap_or_default(),
            kernel: System::kernel_version().unwrap_or_default(),
            processor: self.system.cpus().first().map(|core| core.brand().trim().to_owned()).unwrap_or_default(),
            uptime_minutes: System::uptime().unwrap_or_default() / 60,
            load: load.filter(|_| cfg!(not(windows))).map(|load| [load.one, load.five, load.fifteen].map(two_decimals)),
            memory: self.memory().total,
            swap: (swap > 0).then(|| Usage { used: coarse(self.system.used_swap()), total: swap }),
            disks: self.disks.as_ref().map(disks).unwrap_or_default(),
        }
    }

    /// The busiest and the largest processes, since the last call.
    pub fn processes(&mut self) -> Processes {
        self.refresh_processes();
        let mut all: Vec<_> = self
            .system
            .processes()
            .iter()
            .map(|(pid, process)| {
                let process = Process {
                    name: process.name().to_string_lossy().into_owned(),
                    cpu: one_decimal(process.cpu_usage()),
                    memory: coarse(process.memory()),
                };
                (pid.as_u32(), process)
            })
            .collect();
        let running = all.len();

        // First the busy ones, then by size: sizes hardly change, so that few
        // rows come and go, each of which would be sent as a whole.
        all.sort_by(|(_, a), (_, b)| b.cpu.total_cmp(&a.cpu).then(b.memory.cmp(&a.memory)));
        let busy = all.iter().take_while(|(_, process)| process.cpu > 0.0);
        let busy = busy.count().min(BUSIEST);
        all[busy..].sort_by_key(|(pid, process)| (std::cmp::Reverse(process.memory), *pid));
        all.truncate(ROWS);
        for (pid, process) in &mut all {
            rename(*pid, process);
        }
        Processes { running, rows: all.into_iter().collect() }
    }

    fn refresh_processes(&mut self) {
        self.system.refresh_processes_specifics(
            ProcessesToUpdate::All,
            true,
            ProcessRefreshKind::nothing().without_tasks().with_cpu().with_memory(),
        );
    }

    /// The machine's memory, or what a container is allowed of it.
    fn memory(&self) -> Usage {
        let total = self.system.total_memory();
        match self.system.cgroup_limits() {
            Some(limit) if (1..total).contains(&limit.total_memory) => {
                Usage { used: limit.rss, total: limit.total_memory }
            }
            _ => Usage { used: self.system.used_memory(), total },
        }
    }

    /// Bytes per second, in and out.
    fn rates(&mut self) -> (u64, u64) {
        let Some(networks) = &mut self.networks else {
            return (0, 0);
        };
        networks.refresh(true);
        let seconds = self.networks_read.elapsed().as_secs_f64().max(0.001);
        self.networks_read = Instant::now();
        let (received, sent) = networks.iter().filter(|(name, _)| is_the_machines_own(&name.to_string_lossy())).fold(
            (0u64, 0u64),
            |(received, sent), (_, network)| {
                (received.saturating_add(network.received()), sent.saturating_add(network.transmitted()))
            },
        );
        ((received as f64 / seconds) as u64, (sent as f64 / seconds) as u64)
    }
}

/// Gives a process its name of now. sysinfo keeps the first one that it saw,
/// which is the parent's when that was a moment before `exec`.
///
/// Only Linux has this file; elsewhere the name stays. So it does for the
/// kernel's workers, which take another one with every task.
fn rename(pid: u32, process: &mut Process) {
    if process.memory == 0 {
        return;
    }
    if let Ok(name) = fs::read_to_string(format!("/proc/{pid}/comm")) {
        process.name = name.trim_end().to_owned();
    }
}

/// What passes the loopback stays in the machine, and what passes a bridge
/// passes a real interface too and would be counted twice.
fn is_the_machines_own(interface: &str) -> bool {
    !["lo", "veth", "docker", "br-", "virbr"].iter().any(|prefix| interface.starts_with(prefix))
}

/// The disks by mount point. A device that is mounted in many places, as in
/// containers and with subvolumes, is shown once, under its shortest name.
fn disks(disks: &Disks) -> BTreeMap<String, Usage> {
    let mut by_device = BTreeMap::new();
    for disk in disks {
        let usage = Usage {
            used: coarse(disk.total_space().saturating_sub(disk.available_space())),
            total: disk.total_space(),
        };
        if usage.total < SMALLEST_DISK {
            continue;
        }
        let mount = disk.mount_point().to_string_lossy().into_owned();
        let held = by_device.entry(disk.name().to_os_string()).or_insert_with(|| (mount.clone(), usage));
        if mount.len() < held.0.len() {
            *held = (mount, usage);
        }
    }
    by_device.into_values().collect()
}

/// The number to ten binary digits, about a tenth of a percent. The page shows
/// three decimal ones, and the noise below them need not travel.
fn coarse(value: u64) -> u64 {
    let noise = (u64::BITS - value.leading_zeros()).saturating_sub(10);
    value >> noise << noise
}

fn one_decimal(value: f32) -> f64 {
    (f64::from(value) * 10.0).round() / 10.0
}

fn two_decimals(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coarse_numbers_keep_what_is_shown() {
        assert_eq!(coarse(0), 0);
        assert_eq!(coarse(1023), 1023);
        assert_eq!(coarse(1025), 1024);
        assert_eq!(coarse(u64::MAX), 1023 << 54);
        for value in [12_345_678, 999_999_999, 25_276_534_784] {
            let error = (value - coarse(value)) as f64 / value as f64;
            assert!(error < 0.002, "{value} lost {error}");
        }
    }

    #[test]
    fn decimals_are_short_on_the_wire() {
        assert_eq!(one_decimal(12.345), 12.3);
        assert_eq!(two_decimals(0.307), 0.31);
    }

    #[test]
    fn virtual_interfaces_are_not_counted_twice() {
        assert!(is_the_machines_own("eth0"));
        assert!(is_the_machines_own("wlp3s0"));
        assert!(!is_the_machines_own("lo"));
        assert!(!is_the_machines_own("veth12ab"));
    }

    #[test]
    fn this_very_machine_can_be_read() {
        let mut probe = Probe::new().expect("sysinfo supports this system");
        let sample = probe.sample();
        assert!((0.0..=100.0).contains(&sample.cpu));
        assert!(!sample.cores.is_empty());
        assert!(sample.memory > 0 && sample.memory <= probe.machine().memory);

        let processes = probe.processes();
        assert!((1..=ROWS).contains(&processes.rows.len()));
        assert!(processes.running >= processes.rows.len());
    }
}

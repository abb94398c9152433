//! What is known, as it is drawn: bars, a curve and a table.

use crate::format::{self, percent};
use crate::model::{self, History, Machine, Process, Processes};
use leptos_sse_native::SseStatus;
use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Gauge, Paragraph, Row, Sparkline, Table};
use std::sync::Arc;
use std::time::Duration;

/// What the processes are sorted by, the largest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Processor,
    Memory,
}

pub struct Screen {
    pub machine: Arc<Machine>,
    pub history: Arc<History>,
    pub processes: Arc<Processes>,
    pub order: Order,
    pub url: String,
    pub status: SseStatus,
    /// How long that has been so.
    pub since: Duration,
}

impl Screen {
    pub fn draw(&self, frame: &mut Frame) {
        let bars = self.bars();
        let bars_height = u16::try_from(bars.len()).unwrap_or(u16::MAX).saturating_add(2);
        let [top, upper, table, foot] = Layout::vertical([
            Constraint::Length(2),
            Constraint::Length(bars_height.min(frame.area().height / 2)),
            Constraint::Min(3),
            Constraint::Length(1),
        ])
        .areas(frame.area());
        let [left, right] = Layout::horizontal([Constraint::Percentage(60), Constraint::Percentage(40)]).areas(upper);
        self.draw_top(frame, top);
        self.draw_bars(frame, left, &bars);
        self.draw_curve(frame, right);
        self.draw_processes(frame, table);
        let keys = " q quit   c by processor   m by memory   r reconnect";
        frame.render_widget(Paragraph::new(keys).dim(), foot);
    }

    /// Whether it shows a time that passes.
    pub fn counts_down(&self) -> bool {
        self.next().is_some()
    }

    fn draw_top(&self, frame: &mut Frame, area: Rect) {
        let Machine { host, system, uptime_minutes, load, .. } = &*self.machine;
        let badge = self.badge();
        let width = u16::try_from(badge.width()).unwrap_or(u16::MAX).saturating_add(1);
        let [first, second] = Layout::vertical([Constraint::Length(1); 2]).areas(area);
        let [left, right] = Layout::horizontal([Constraint::Min(0), Constraint::Length(width)]).areas(first);
        let mut about = Vec::new();
        if !host.is_empty() {
            about.push(format!("{system}, up {}", format::duration(*uptime_minutes)));
            about.extend(load.map(|[one, five, fifteen]| format!("load {one:.2} {five:.2} {fifteen:.2}")));
            about.push(format!("{} processes", format::count(self.processes.running)));
        }
        let name = Line::from(vec![Span::raw(" "), host.clone().bold(), Span::raw("  "), self.url.clone().dim()]);
        frame.render_widget(Paragraph::new(name), left);
        frame.render_widget(Paragraph::new(badge).alignment(Alignment::Right), right);
        frame.render_widget(Paragraph::new(format!(" {}", about.join(" · "))).dim(), second);
    }

    fn badge(&self) -> Line<'static> {
        let color = match self.status {
            SseStatus::Open => Color::Green,
            SseStatus::Connecting | SseStatus::Reconnecting { .. } => Color::Yellow,
            SseStatus::Refused { .. } | SseStatus::Closed(_) => Color::Red,
        };
        let text = match (self.status, self.next()) {
            (SseStatus::Open, _) => "live".to_owned(),
            (SseStatus::Reconnecting { attempt, .. }, Some(next)) => {
                format!("server lost, attempt {attempt} in {:.1} s", next.as_secs_f64())
            }
            (SseStatus::Reconnecting { attempt, .. }, None) => format!("server lost, attempt {attempt}"),
            (status, _) => status.to_string(),
        };
        Line::from(vec!["● ".fg(color), text.fg(color).bold(), Span::raw(" ")])
    }

    /// The wait that is left before the next attempt.
    fn next(&self) -> Option<Duration> {
        match self.status {
            SseStatus::Reconnecting { next, .. } | SseStatus::Refused { next, .. } => {
                Some(next?.saturating_sub(self.since))
            }
            _ => None,
        }
    }

    /// Nobody should take old values for the present.
    fn paint(&self, color: Color) -> Style {
        let is_stale = !matches!(self.status, SseStatus::Open | SseStatus::Connecting);
        if is_stale { Style::new().fg(Color::DarkGray) } else { Style::new().fg(color) }
    }

    /// Their names, how full they are in percent, and what they say.
    fn bars(&self) -> Vec<(String, f64, String)> {
        let latest = self.history.latest().cloned().unwrap_or_default();
        let of = |used: u64, total: u64| {
            let label = format!("{} of {}", format::bytes(used), format::bytes(total));
            (model::percent(used, total), label)
        };
        let mut bars = vec![("Processor".to_owned(), latest.cpu, format!("{} %", percent(latest.cpu)))];
        for (core, load) in latest.cores.iter().enumerate().take(8).filter(|_| latest.cores.len() > 1) {
            bars.push((format!("  core {}", core + 1), f64::from(*load), format!("{load} %")));
        }
        let (full, label) = of(latest.memory, self.machine.memory);
        bars.push(("Memory".to_owned(), full, label));
        let swap = self.machine.swap.map(|swap| ("Swap".to_owned(), swap));
        let disks = self.machine.disks.iter().map(|(place, disk)| (format!("Disk {place}"), *disk));
        bars.extend(swap.into_iter().chain(disks).map(|(name, usage)| {
            let (full, label) = of(usage.used, usage.total);
            (name, full, label)
        }));
        bars
    }

    fn draw_bars(&self, frame: &mut Frame, area: Rect, bars: &[(String, f64, String)]) {
        let block = Block::bordered().title(" Now ");
        let inner = block.inner(area);
        frame.render_widget(block, area);
        for (row, (name, full, label)) in inner.rows().zip(bars) {
            let [left, right] = Layout::horizontal([Constraint::Length(16), Constraint::Min(0)]).areas(row);
            frame.render_widget(Paragraph::new(name.as_str()), left);
            let color = match full {
                full if *full >= 90.0 => Color::Red,
                full if *full >= 70.0 => Color::Yellow,
                _ => Color::Cyan,
            };
            let gauge = Gauge::default().ratio((full / 100.0).clamp(0.0, 1.0)).label(label.as_str());
            frame.render_widget(gauge.use_unicode(true).gauge_style(self.paint(color).bg(Color::Black)), right);
        }
    }

    fn draw_curve(&self, frame: &mut Frame, area: Rect) {
        let latest = self.history.latest().cloned().unwrap_or_default();
        let network = format!(" ↓ {}  ↑ {} ", format::rate(latest.received), format::rate(latest.sent));
        let block = Block::bordered().title(" Processor, two minutes ").title_bottom(network);
        let width = usize::from(block.inner(area).width);
        // From zero to a full hundred; the newest is at the right edge.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "percents are small")]
        let mut values: Vec<u64> = self.history.by_age().map(|(_, sample)| sample.cpu.round() as u64).collect();
        values.drain(..values.len().saturating_sub(width));
        values.splice(..0, std::iter::repeat_n(0, width - values.len()));
        let curve = Sparkline::default().data(&values).max(100).style(self.paint(Color::Cyan)).block(block);
        frame.render_widget(curve, area);
    }

    fn draw_processes(&self, frame: &mut Frame, area: Rect) {
        let (by_processor, by_memory) = match self.order {
            Order::Processor => ("CPU % ▾", "Memory"),
            Order::Memory => ("CPU %", "Memory ▾"),
        };
        let right = |text: String| Line::raw(text).alignment(Alignment::Right);
        let rows = self.rows();
        let rows = rows.iter().map(|(id, process)| {
            let cells = [percent(process.cpu), format::bytes(process.memory).to_string()].map(right);
            Row::new([right(id.to_string()), Line::raw(process.name.as_str())].into_iter().chain(cells))
        });
        let header = [right("PID".to_owned()), Line::raw("Name"), right(by_processor.into()), right(by_memory.into())];
        let widths = [Constraint::Length(8), Constraint::Min(10), Constraint::Length(10), Constraint::Length(12)];
        let table = Table::new(rows, widths).header(Row::new(header).bold()).column_spacing(2);
        frame.render_widget(table.style(self.paint(Color::Reset)).block(Block::bordered().title(" Processes ")), area);
    }

    fn rows(&self) -> Vec<(u32, &Process)> {
        let mut rows: Vec<_> = self.processes.rows.iter().map(|(id, process)| (*id, process)).collect();
        rows.sort_by(|(_, a), (_, b)| match self.order {
            Order::Processor => b.cpu.total_cmp(&a.cpu),
            Order::Memory => b.memory.cmp(&a.memory),
        });
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::{Terminal, backend::TestBackend};
    use serde_json::json;

    fn screen(status: SseStatus) -> Screen {
        let history =
            json!({ "7": { "cpu": 42.0, "cores": [40, 44], "memory": 512 << 20, "received": 1500, "sent": 0 } });
        let machine = json!({
            "host": "box", "system": "Debian 13", "kernel": "6.12", "processor": "one", "uptime_minutes": 61,
            "load": [0.5, 0.25, 0.0], "memory": 1 << 30, "swap": null, "disks": { "/": { "used": 95, "total": 100 } },
        });
        let processes = json!({ "running": 2, "rows": {
            "1": { "name": "init", "cpu": 0.0, "memory": 9 << 20 }, "77": { "name": "busy", "cpu": 99.5, "memory": 1 << 20 },
        } });
        Screen {
            machine: Arc::new(serde_json::from_value(machine).unwrap()),
            history: Arc::new(serde_json::from_value(history).unwrap()),
            processes: Arc::new(serde_json::from_value(processes).unwrap()),
            order: Order::Processor,
            url: "http://host/sse".to_owned(),
            status,
            since: Duration::from_millis(500),
        }
    }

    fn drawn(screen: &Screen, width: u16, height: u16) -> Vec<String> {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| screen.draw(frame)).unwrap();
        let buffer = terminal.backend().buffer();
        let rows = buffer.content().chunks(usize::from(width));
        rows.map(|row| row.iter().map(|cell| cell.symbol()).collect()).collect()
    }

    #[test]
    fn what_the_monitor_says_is_drawn() {
        let lines = drawn(&screen(SseStatus::Open), 100, 24);
        let shows = |text: &str| assert!(lines.iter().any(|line| line.contains(text)), "{text}\n{}", lines.join("\n"));
        for text in
            ["box", "live", "Debian 13, up 1 h 1 min", "load 0.50", "42.0 %", "44 %", "512\u{a0}MiB of 1.00\u{a0}GiB"]
        {
            shows(text);
        }
        let row = |name: &str| lines.iter().position(|line| line.contains(name)).unwrap();
        assert!(row("busy") < row("init"));
        shows("1.50\u{a0}kB/s");
    }

    #[test]
    fn a_server_that_is_lost_is_said_with_the_wait_that_is_left() {
        let lost = SseStatus::Reconnecting { attempt: 3, next: Some(Duration::from_secs(2)) };
        let screen = screen(lost);
        assert!(screen.counts_down());
        assert!(
            drawn(&screen, 100, 24)[0].ends_with("● server lost, attempt 3 in 1.5 s "),
            "{:?}",
            drawn(&screen, 100, 24)[0]
        );
    }

    #[test]
    fn a_window_of_any_size_is_drawn() {
        for (width, height) in [(1, 1), (5, 3), (20, 8), (300, 5), (10, 100)] {
            drawn(&screen(SseStatus::Open), width, height);
        }
    }
}

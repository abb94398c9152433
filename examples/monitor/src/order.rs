//! The order of the process table: by which column, which way, and what of it.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::model::Process;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Pid,
    Name,
    Cpu,
    Memory,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub column: Column,
    pub descending: bool,
}

impl Order {
    /// By this column, the way one looks at it first: the largest load on top,
    /// names and numbers from the beginning.
    pub fn by(column: Column) -> Self {
        Self { column, descending: matches!(column, Column::Cpu | Column::Memory) }
    }

    /// What a click on a column's header leads to: another column, or this one
    /// the other way round.
    #[must_use]
    pub fn clicked(self, column: Column) -> Self {
        if self.column == column { Self { descending: !self.descending, ..self } } else { Self::by(column) }
    }

    /// The `aria-sort` of a column's header.
    pub fn aria(self, column: Column) -> &'static str {
        match (self.column == column, self.descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    }

    /// The ids of the processes that match `filter`, in this order.
    pub fn apply(self, rows: &BTreeMap<u32, Process>, filter: &str) -> Vec<u32> {
        let filter = filter.trim().to_lowercase();
        let mut rows: Vec<_> = rows
            .iter()
            .filter(|(pid, process)| process.name.to_lowercase().contains(&filter) || pid.to_string().contains(&filter))
            .collect();
        // The sort is stable and the map is ordered, so equals stay in the
        // order of their ids and rows do not dance.
        rows.sort_by(|a, b| {
            let order = self.compare(*a, *b);
            if self.descending { order.reverse() } else { order }
        });
        rows.into_iter().map(|(pid, _)| *pid).collect()
    }

    fn compare(self, a: (&u32, &Process), b: (&u32, &Process)) -> Ordering {
        match self.column {
            Column::Pid => a.0.cmp(b.0),
            Column::Name => a.1.name.to_lowercase().cmp(&b.1.name.to_lowercase()),
            // Most processes idle: among those the larger one comes first.
            Column::Cpu => a.1.cpu.total_cmp(&b.1.cpu).then(a.1.memory.cmp(&b.1.memory)),
            Column::Memory => a.1.memory.cmp(&b.1.memory),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> BTreeMap<u32, Process> {
        [
            (1, "init", 0.0, 8),
            (7, "Xorg", 3.5, 90),
            (42, "cargo", 99.0, 400),
            (43, "bash", 0.0, 9),
            (50, "bash", 0.0, 9),
        ]
        .into_iter()
        .map(|(pid, name, cpu, memory)| {
            let name = name.to_owned();
            (pid, Process { name, cpu, memory })
        })
        .collect()
    }

    #[track_caller]
    fn check(order: Order, filter: &str, expected: &[u32]) {
        assert_eq!(order.apply(&rows(), filter), expected);
    }

    #[test]
    fn each_column_sorts_its_own_way() {
        check(Order::by(Column::Pid), "", &[1, 7, 42, 43, 50]);
        check(Order::by(Column::Name), "", &[43, 50, 42, 1, 7]);
        check(Order::by(Column::Cpu), "", &[42, 7, 43, 50, 1]);
        check(Order::by(Column::Memory), "", &[42, 7, 43, 50, 1]);
    }

    #[test]
    fn a_second_click_turns_the_order_round() {
        let order = Order::by(Column::Memory).clicked(Column::Memory);
        check(order, "", &[1, 43, 50, 7, 42]);
        assert_eq!(order.aria(Column::Memory), "ascending");
        assert_eq!(order.aria(Column::Cpu), "none");
        assert_eq!(order.clicked(Column::Cpu), Order::by(Column::Cpu));
    }

    #[test]
    fn the_filter_takes_names_in_any_case_and_ids() {
        let order = Order::by(Column::Pid);
        check(order, "BASH ", &[43, 50]);
        check(order, "xo", &[7]);
        check(order, "4", &[42, 43]);
        check(order, "nothing like this", &[]);
    }
}

//! 200 readings of a plant, each a field of one struct.

use super::values::Random;
use leptos_sse::Rebuild;
use serde::{Deserialize, Serialize};

macro_rules! plant {
    ($($reading:ident)*) => {
        #[derive(Clone, Debug, Serialize, Deserialize, Rebuild)]
        pub struct Plant {
            $(pub $reading: f64,)*
        }

        impl Plant {
            pub fn new() -> Self {
                let mut random = Random::new(200);
                Self { $($reading: random.reading(),)* }
            }

            /// All of them, as they are declared.
            pub fn readings(&mut self) -> [&mut f64; 200] {
                [$(&mut self.$reading,)*]
            }
        }
    };
}

plant! {
    boiler_pressure boiler_inlet boiler_outlet boiler_flow boiler_level boiler_speed boiler_torque
    boiler_current boiler_voltage boiler_vibration
    pump_pressure pump_inlet pump_outlet pump_flow pump_level pump_speed pump_torque pump_current pump_voltage
    pump_vibration
    mixer_pressure mixer_inlet mixer_outlet mixer_flow mixer_level mixer_speed mixer_torque mixer_current
    mixer_voltage mixer_vibration
    press_pressure press_inlet press_outlet press_flow press_level press_speed press_torque press_current
    press_voltage press_vibration
    oven_pressure oven_inlet oven_outlet oven_flow oven_level oven_speed oven_torque oven_current oven_voltage
    oven_vibration
    chiller_pressure chiller_inlet chiller_outlet chiller_flow chiller_level chiller_speed chiller_torque
    chiller_current chiller_voltage chiller_vibration
    turbine_pressure turbine_inlet turbine_outlet turbine_flow turbine_level turbine_speed turbine_torque
    turbine_current turbine_voltage turbine_vibration
    conveyor_pressure conveyor_inlet conveyor_outlet conveyor_flow conveyor_level conveyor_speed conveyor_torque
    conveyor_current conveyor_voltage conveyor_vibration
    dryer_pressure dryer_inlet dryer_outlet dryer_flow dryer_level dryer_speed dryer_torque dryer_current
    dryer_voltage dryer_vibration
    compressor_pressure compressor_inlet compressor_outlet compressor_flow compressor_level compressor_speed
    compressor_torque compressor_current compressor_voltage compressor_vibration
    extruder_pressure extruder_inlet extruder_outlet extruder_flow extruder_level extruder_speed extruder_torque
    extruder_current extruder_voltage extruder_vibration
    furnace_pressure furnace_inlet furnace_outlet furnace_flow furnace_level furnace_speed furnace_torque
    furnace_current furnace_voltage furnace_vibration
    kiln_pressure kiln_inlet kiln_outlet kiln_flow kiln_level kiln_speed kiln_torque kiln_current kiln_voltage
    kiln_vibration
    lathe_pressure lathe_inlet lathe_outlet lathe_flow lathe_level lathe_speed lathe_torque lathe_current
    lathe_voltage lathe_vibration
    mill_pressure mill_inlet mill_outlet mill_flow mill_level mill_speed mill_torque mill_current mill_voltage
    mill_vibration
    separator_pressure separator_inlet separator_outlet separator_flow separator_level separator_speed
    separator_torque separator_current separator_voltage separator_vibration
    tank_pressure tank_inlet tank_outlet tank_flow tank_level tank_speed tank_torque tank_current tank_voltage
    tank_vibration
    washer_pressure washer_inlet washer_outlet washer_flow washer_level washer_speed washer_torque
    washer_current washer_voltage washer_vibration
    winder_pressure winder_inlet winder_outlet winder_flow winder_level winder_speed winder_torque
    winder_current winder_voltage winder_vibration
    cutter_pressure cutter_inlet cutter_outlet cutter_flow cutter_level cutter_speed cutter_torque
    cutter_current cutter_voltage cutter_vibration
}

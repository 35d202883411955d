//! Helpers on maps.

macro_rules! maps {
    ($files:tt $($rows:tt)*) => {
        gather! { $files $($rows)*
            MapLookupElem = 1 "bpf_map_lookup_elem":
                [always(EVERY)],
                [takes(&[Map, Key], MapValueOrNull).reads_packet().maps(LOOKED_UP)];
            MapUpdateElem = 2 "bpf_map_update_elem":
                [always(EVERY)],
                [takes(&[Map, Key, MapValue, Anything], Integer).reads_packet().writes_map().maps(CHANGED)];
            MapDeleteElem = 3 "bpf_map_delete_elem":
                [always(EVERY)],
                [takes(&[Map, Key], Integer).reads_packet().writes_map().maps(CHANGED)];
            MapPushElem = 87 "bpf_map_push_elem":
                [always(EVERY)],
                [takes(&[Map, MapValue, Anything], Integer).reads_packet().writes_map().maps(QUEUES.with(BLOOM))];
            MapPopElem = 88 "bpf_map_pop_elem":
                [always(EVERY)],
                [takes(&[Map, ValueOut], Integer).writes_map().maps(QUEUES)];
            MapPeekElem = 89 "bpf_map_peek_elem":
                [always(EVERY)],
                [takes(&[Map, ValueOut], Integer).maps(QUEUES.with(BLOOM))];
            ForEachMapElem = 164 "bpf_for_each_map_elem":
                [since(V5_13, EVERY)],
                [
                    takes(&[Map, Callback, StackOrNull, Anything], Integer).calls_back(CallsBack::Elements).maps(CHANGED)
                ];
            MapLookupPercpuElem = 195 "bpf_map_lookup_percpu_elem":
                [since(V5_19, EVERY)],
                [takes(&[Map, Key, Anything], MapValueOrNull).reads_packet().maps(PERCPU)];
        }
    };
}

//! The page around the scenes: the document, the routes.

use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::hooks::use_url;
use leptos_router::static_routes::StaticRoute;
use leptos_router::{Lazy, SsrMode, path};
use leptos_sse::provide_sse;

use crate::scenes::hub::{BoardScene, FeedScene, FloodScene, RoomScene, SharedScene};
use crate::scenes::lazy::{LazyIndex, LazyPage, LazyScene};
use crate::scenes::paint::{PaintScene, PaintedBigScene, PaintedRoomScene};
use crate::scenes::stands::StandsScene;
use crate::scenes::store::{LateStoreScene, StoreScene};
use crate::scenes::tabs::TabsScene;
use crate::scenes::transport::TransportScene;
use crate::scenes::*;

/// The HTML document, on the server.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <title>"lab"</title>
                <link rel="icon" href="data:,"/>
                <HydrationScripts options/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

#[component]
pub fn App() -> impl IntoView {
    view! {
        <Hydrated/>
        <Router>
            <Main>
                <Routes fallback=|| "No such scene.">
                    <Route path=path!("/") view=Index/>
                    <Route path=path!("/tick") view=TickScene/>
                    <Route path=path!("/wire") view=WireScene/>
                    <Route path=path!("/round") view=RoundScene/>
                    <Route path=path!("/late") view=LateScene/>
                    <Route path=path!("/toggle") view=ToggleScene/>
                    <Route path=path!("/nested") view=NestedScene/>
                    <Route path=path!("/twice") view=TwiceScene/>
                    <Route path=path!("/conflict") view=ConflictScene/>
                    <Route path=path!("/big") view=BigScene/>
                    <Route path=path!("/fussy") view=FussyScene/>
                    <Route path=path!("/many") view=ManyScene/>
                    <Route path=path!("/ends") view=EndsScene/>
                    <Route path=path!("/errors") view=ErrorsScene/>
                    <Route path=path!("/beat") view=BeatScene/>
                    <Route path=path!("/channel") view=ChannelScene />
                    <Route path=path!("/siblings") view=SiblingsScene />
                    <Route path=path!("/missing") view=MissingScene/>
                    <Route path=path!("/raw") view=RawScene/>
                    <Route path=path!("/seeded") view=SeededScene/>
                    <Route path=path!("/transport") view=TransportScene/>
                    <Route path=path!("/board") view=BoardScene/>
                    <Route path=path!("/feed") view=FeedScene/>
                    <Route path=path!("/flood") view=FloodScene/>
                    <Route path=path!("/room") view=RoomScene/>
                    <Route path=path!("/stands") view=StandsScene/>
                    <Route path=path!("/shared") view=SharedScene/>
                    <Route path=path!("/paint/out-of-order") view=PaintScene ssr=SsrMode::OutOfOrder/>
                    <Route path=path!("/paint/in-order") view=PaintScene ssr=SsrMode::InOrder/>
                    <Route path=path!("/paint/async") view=PaintScene ssr=SsrMode::Async/>
                    <Route path=path!("/paint/partially-blocked") view=PaintScene ssr=SsrMode::PartiallyBlocked/>
                    <Route path=path!("/paint/static") view=PaintScene ssr=SsrMode::Static(StaticRoute::new())/>
                    <Route path=path!("/paint/big") view=PaintedBigScene/>
                    <Route path=path!("/paint/room") view=PaintedRoomScene/>
                    <ParentRoute path=path!("/paint/lazy") view=LazyScene>
                        <Route path=path!("/") view=LazyIndex/>
                        <Route path=path!("/page") view={Lazy::<LazyPage>::new()}/>
                    </ParentRoute>
                    <Route path=path!("/paint/store") view=StoreScene/>
                    <Route path=path!("/paint/store-late") view=LateStoreScene/>
                    <Route path=path!("/tabs") view=TabsScene/>
                </Routes>
            </Main>
        </Router>
    }
}

/// What is around all routes. The lazy ones have their connection here: `LazyRoute::data` runs before the views of the routes
/// above its own, and does not have what they provide.
#[component]
fn Main(children: Children) -> impl IntoView {
    if use_url().with_untracked(|url| url.path().starts_with("/paint/lazy")) {
        provide_sse("/sse/hub").unwrap();
    }
    view! { <main>{children()}</main> }
}

/// Says `yes` once the page's effects run, which is after hydration.
#[component]
fn Hydrated() -> impl IntoView {
    let hydrated = RwSignal::new(false);
    Effect::new(move || hydrated.set(true));
    view! { <p data-testid="hydrated">{move || if hydrated.get() { "yes" } else { "no" }}</p> }
}
